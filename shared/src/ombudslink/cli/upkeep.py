"""`keys`, `rebuild` and `deadletters`: what an operator does now and then."""

import asyncio
from datetime import timedelta
from typing import Annotated, Final

import httpx
import typer

from ombudslink.cli.terminal import (
    AsJson,
    Data,
    clock,
    data_folder,
    day,
    installation,
    say,
    say_json,
    table,
)
from ombudslink.folder import KEY_LIFETIME
from ombudslink.installation import Installation
from ombudslink.log import system_clock
from ombudslink.log.embedded import EmbeddedLog
from ombudslink.offices import ConfigurationError
from ombudslink.proof.copies import open_store
from ombudslink.runtime.service import Service
from ombudslink.store import parking
from ombudslink.values import format_moment
from ombudslink.web.access import Access, AccessKeys

SHORTEST_PREFIX: Final = 8

keys = typer.Typer(no_args_is_help=True, help="API keys: list, issue, renew, revoke, add.")

Days = Annotated[int, typer.Option(min=1, max=3650, help="How long it is good.")]
Store = Annotated[str | None, typer.Option(help="Whose store; all if none.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys, name="keys")
    app.command()(rebuild)
    app.command()(deadletters)


@keys.command("list")
def list_keys(data: Data = None, as_json: AsJson = False) -> None:
    """Every key that is let in, by its digest."""
    known = list(AccessKeys(data_folder(data).access).all())
    if as_json:
        say_json([access.model_dump(mode="json") for access in known])
        return
    table(
        ["digest", "participant", "good for", "until"],
        [
            (a.digest, a.participant, " ".join(sorted(a.scopes)), day(a.expires.astimezone()))
            for a in known
        ],
    )


@keys.command()
def issue(
    holder: Annotated[
        str, typer.Argument(metavar="HOLDER", help="An office, a government body, or 'operator'.")
    ],
    days: Days = KEY_LIFETIME.days,
    data: Data = None,
) -> None:
    """Make a key for an office's people, a body's system or the operator; shown this once."""
    say(installation(data).issue(holder, system_clock(), timedelta(days=days)))


@keys.command()
def renew(
    participant: Annotated[
        str | None, typer.Argument(help="Whose service calls the others with it; all if none.")
    ] = None,
    data: Data = None,
) -> None:
    """Renew the keys with which services call each other; running ones take them up at once."""
    found = installation(data)
    for one in [participant] if participant else found.participants():
        found.renew(one, system_clock())
        say(f"renewed: {one}")


@keys.command()
def revoke(
    digest: Annotated[str, typer.Argument(help="The key's digest, or how it begins.")],
    data: Data = None,
) -> None:
    """Let a key in no more, from the next request on."""
    known = AccessKeys(data_folder(data).access)
    found = _beginning(known, digest)
    known.revoke(found.digest)
    say(f"revoked: {found.digest}, {found.participant}")


@keys.command()
def add(participant: str, data: Data = None) -> None:
    """Make the keys of an office or a body that was configured after the data folder was made."""
    installation(data).add(participant, system_clock())
    say(f"'{participant}' has keys; start the platform again")


def rebuild(
    projection: Annotated[str | None, typer.Argument(help="All if none.")] = None,
    store: Store = None,
    data: Data = None,
) -> None:
    """Make read models again from the stored events; their service must be stopped."""
    found = installation(data)
    known = 0
    for participant in _chosen(found, store):
        for name in _service(found, participant).rebuild(projection):
            say(f"{participant}: {name} was rebuilt")
            known += 1
    if projection is not None and not known:
        raise ConfigurationError(f"no store has a read model '{projection}'")


def deadletters(
    store: Store = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try them once more; their service must be stopped.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Events that a store could not apply; each holds its complaint there until it is applied."""
    found = installation(data)
    chosen = _chosen(found, store)
    if retry:
        for participant in chosen:
            asyncio.run(_service(found, participant).retry())
    letters = []
    for participant in chosen:
        with open_store(participant, found.folder.store(participant)) as connection:
            letters += [(participant, letter) for letter in parking.dead_letters(connection)]
    if as_json:
        say_json(
            [
                {
                    "store": participant,
                    "stream": letter.stream,
                    "version": letter.version,
                    "reason": letter.reason,
                    "since": format_moment(letter.since),
                }
                for participant, letter in letters
            ]
        )
    elif not letters:
        say("no dead letters")
    else:
        table(
            ["store", "complaint", "version", "reason", "since"],
            [
                (p, one.stream, one.version, one.reason, clock(one.since.astimezone()))
                for p, one in letters
            ],
        )


def _beginning(known: AccessKeys, digest: str) -> Access:
    """The key whose digest begins like that.

    Raises:
        ConfigurationError: there is none, or several.
    """
    found = [access for access in known.all() if access.digest.startswith(digest)]
    if len(digest) < SHORTEST_PREFIX or len(found) != 1:
        raise ConfigurationError(
            f"{len(found)} keys have a digest that begins like that; give at least "
            f"{SHORTEST_PREFIX} characters, so that it is one. See: ombudslink keys list"
        )
    return found[0]


def _chosen(found: Installation, store: str | None) -> list[str]:
    """The participants whose store is meant.

    Raises:
        ConfigurationError: that one has none.
    """
    stores = list(found.folder.stores())
    if store is None:
        return stores
    if store not in stores:
        raise ConfigurationError(f"no such store; there are: {', '.join(stores)}")
    return [store]


def _service(found: Installation, participant: str) -> Service:
    """The participant's service, not running."""
    nobody = httpx.AsyncClient()
    app = found.service(
        participant, log=EmbeddedLog(found.folder.log), registrar=nobody, intake=nobody
    )
    service: Service = app.state.service
    return service

"""`run` and `serve`: the platform, or one service of it, until it is stopped."""

from importlib.metadata import entry_points
from typing import Annotated

import httpx
import typer

from ombudslink.cli.terminal import Data, say, settings
from ombudslink.folder import DataFolder
from ombudslink.installation import Installation, configuration_of
from ombudslink.log.embedded import EmbeddedLog
from ombudslink.observe import set_up_logging
from ombudslink.offices import ConfigurationError
from ombudslink.web.server import address_of, listen, serve_until_stopped

Port = Annotated[int | None, typer.Option(help="Else PORT, else 8000; 0 lets the system choose.")]
Host = Annotated[str | None, typer.Option(help="By default only this machine can reach it.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(run)
    app.command()(serve)


def run(
    data: Data = None,
    port: Port = None,
    host: Host = None,
    country: Annotated[str | None, typer.Option(help="For a new data folder: kz or es.")] = None,
    empty: Annotated[
        bool | None, typer.Option("--empty", help="A new data folder gets no demonstration.")
    ] = None,
) -> None:
    """Everything in one process, under one address."""
    for entry in entry_points(group="ombudslink.run"):
        main = entry.load()
        chosen = settings(data=data, port=port, host=host, country=country, empty=empty)
        raise typer.Exit(main(chosen))
    raise ConfigurationError("the one-machine configuration (ombudslink-onebox) is not installed")


def serve(
    service: Annotated[str, typer.Argument(help="intake, routing, case-tracking or reporting.")],
    office: Annotated[str | None, typer.Option(help="Whose case-tracking.")] = None,
    data: Data = None,
    port: Port = None,
    host: Host = None,
) -> None:
    """One service as a process of its own, on the same data folder and log as the others.

    It finds the others at OMBUDSLINK_REGISTRAR and OMBUDSLINK_INTAKE.
    """
    set_up_logging()
    found = settings(data=data, port=port, host=host)
    with listen(found.host, found.port) as listener:
        folder = DataFolder(found.data)
        installation = Installation.of(folder, configuration_of(found), found.country)
        participant = _participant(installation, service, office)
        log = EmbeddedLog(folder.log)
        registrar = _client(installation, participant, found.registrar)
        intake = _client(installation, participant, found.intake)
        serve_until_stopped(
            installation.service(participant, log=log, registrar=registrar, intake=intake),
            listener,
            lambda: say(f"{participant} runs at {address_of(listener)}"),
            closing=(log.close, registrar.aclose, intake.aclose),
        )


def _participant(installation: Installation, service: str, office: str | None) -> str:
    """Whose service is meant.

    Raises:
        ConfigurationError: there is none, or several and no office was named.
    """
    found = [p for p, name in installation.participants().items() if name == service]
    if not found:
        known = ", ".join(sorted(set(installation.participants().values())))
        raise ConfigurationError(f"no such service; there are: {known}")
    if office is not None:
        found = [p for p in found if p == office]
    if len(found) != 1:
        offices = ", ".join(o.id for o in installation.policy.offices)
        raise ConfigurationError(f"say whose {service} with --office; there are: {offices}")
    return found[0]


def _client(installation: Installation, participant: str, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, auth=installation.identity(participant))

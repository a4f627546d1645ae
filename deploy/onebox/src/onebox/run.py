"""`ombudslink run`: the whole platform in this process, under one address."""

import signal
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from ombudslink.folder import DataFolder, FolderError
from ombudslink.installation import REPORTING, Installation, configuration_of
from ombudslink.log import system_clock
from ombudslink.observe import set_up_logging
from ombudslink.settings import Settings
from ombudslink.web.server import address_of, listen, serve_until_stopped
from onebox.demonstration import loading
from onebox.demonstration.reading import has_demonstration
from onebox.demonstration.steps import File
from onebox.platform import Platform

_INTERRUPTED: Final = 130
"""The exit code that shells give to what SIGINT ends."""
_UNFINISHED: Final = "demonstration.unfinished"
"""A file that is in the data folder while the demonstration is played."""
_OUT: Final = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)


def main(settings: Settings) -> int:
    """Run until stopped; the exit code. Nothing is made or changed before the port is ours. A new
    folder is filled with the country's demonstration, if it has one, unless it shall be empty.

    Raises:
        AddressError: the port cannot be had.
        FolderError, KeyFileError, ConfigurationError: the data folder or the configuration.
        StoreError, LogError: a database or the log.
        Unanswered: the demonstration does not fit the rules.
    """
    set_up_logging()
    with listen(settings.host, settings.port) as listener:
        folder = DataFolder(settings.data)
        new = folder.country() is None
        installation = Installation.of(folder, configuration_of(settings), settings.country)
        unfinished = folder.path / _UNFINISHED
        if unfinished.exists():
            raise FolderError(
                f"the demonstration in {folder.path} was interrupted. Remove the folder to begin "
                f"anew, or {unfinished} to go on with what there is"
            )
        if new:
            _hand_out_keys(installation)
            if not settings.empty and not _demonstrate(installation):
                return _INTERRUPTED
        platform = Platform(installation)
        serve_until_stopped(
            platform.app, listener, lambda: _announce(installation, address_of(listener))
        )
    _OUT.print("Ombudslink has stopped.")
    return 0


def _hand_out_keys(installation: Installation) -> None:
    """Show the first key of every office and government body, and the operator's, this once."""
    now = system_clock()
    _OUT.print(f"A new installation was made in {installation.folder.path}.\n")
    _OUT.print("API keys, shown this once; make others with: ombudslink keys issue HOLDER")
    for holder in installation.holders():
        _OUT.print(f"  {holder:<26} {installation.issue(holder, now)}")
    _OUT.print()


def _demonstrate(installation: Installation) -> bool:
    """Fill a new installation with invented complaints; false when that was interrupted."""
    if not has_demonstration(installation.configuration, installation.policy.country):
        return True
    steps = loading.steps_for(installation, system_clock())
    complaints = sum(isinstance(step.what, File) for step in steps)
    _OUT.print(f"{complaints} invented complaints of the last ninety days are played through.")
    _OUT.print("That takes some minutes, this once; 'ombudslink run --empty' begins without.")
    unfinished = installation.folder.path / _UNFINISHED
    unfinished.touch()
    columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Progress(*columns, console=_OUT, disable=not _OUT.is_terminal) as bar:
            task = bar.add_task("", total=len(steps))
            loading.load(installation, steps, lambda: bar.advance(task))
    except KeyboardInterrupt:
        _OUT.print(f"Interrupted. Remove {installation.folder.path} to begin anew.")
        return False
    finally:
        signal.signal(signal.SIGTERM, before)
    unfinished.unlink()
    _OUT.print()
    return True


def _announce(installation: Installation, address: str) -> None:
    policy = installation.policy
    _OUT.print(f"Ombudslink runs at {address}", style="bold")
    for name, participant in (
        ("Citizens", policy.intake),
        *((office.short_name.en, office.id) for office in policy.offices),
        ("The registrar", policy.registrar),
        ("Statistics", REPORTING),
    ):
        _OUT.print(f"  {name:<56} {address}{installation.place(participant)}/docs")
    _OUT.print(f"File a complaint: ombudslink file --at {address}. Stop with Ctrl+C; all is kept.")
    _OUT.file.flush()

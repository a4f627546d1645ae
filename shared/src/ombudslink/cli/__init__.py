"""The command line, `ombudslink`: one file per audience."""

import sys

import typer
from stamina.instrumentation import set_on_retry_hooks

from ombudslink.cli import people, proof, running, upkeep
from ombudslink.client import Unanswered
from ombudslink.folder import FolderError
from ombudslink.log import LogError
from ombudslink.offices import ConfigurationError
from ombudslink.proof.signing import KeyFileError
from ombudslink.store.engine import StoreError
from ombudslink.web.server import AddressError

KNOWN = (
    AddressError,
    ConfigurationError,
    FolderError,
    KeyFileError,
    LogError,
    StoreError,
    Unanswered,
)
"""What can go wrong without a fault of the program; each says in one sentence what to do."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One complaint, several ombudsman offices, one provable history.",
)
for part in (running, people, proof, upkeep):
    part.add_to(app)


def main() -> None:
    """The script `ombudslink`."""
    # Who waits at a terminal is told once, at the end, not of every try.
    set_on_retry_hooks([])
    try:
        app()
    except KNOWN as error:
        print(f"ombudslink: {error}", file=sys.stderr)
        sys.exit(1)

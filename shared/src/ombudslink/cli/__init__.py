"""The command line, `ombudslink`: one file per audience."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer
from stamina.instrumentation import set_on_retry_hooks

from ombudslink.cli import inspections, people, proof, reports, running, upkeep
from ombudslink.cli.terminal import KNOWN, say, say_why

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One complaint, several ombudsman offices, one provable history.",
)


def _show_version(asked: bool) -> None:
    if asked:
        say(f"ombudslink {version('ombudslink')}")
        raise typer.Exit


@app.callback(help=app.info.help)
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Which one this is.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """What can be said before a command."""


for part in (running, people, proof, inspections, reports, upkeep):
    part.add_to(app)


def main() -> None:
    """The script `ombudslink`."""
    # Who waits at a terminal is told once, at the end, not of every try.
    set_on_retry_hooks([])
    try:
        app()
    except KNOWN as error:
        say_why(error)
        sys.exit(1)

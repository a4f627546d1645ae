"""What can be asked of the command line without a data folder."""

from importlib.metadata import version

from typer.testing import CliRunner

from ombudslink.cli import app


def test_the_program_says_which_version_it_is() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.stdout) == (0, f"ombudslink {version('ombudslink')}\n")

"""The README's commands do what it says, on a running platform."""

import re
import subprocess
from pathlib import Path

from e2e.process import SCRIPT, environment, ombudslink, running, until
from e2e.stories.telling import Country

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text under a heading, up to the next one."""
    return README.split(f"# {title}\n", 1)[1].split("\n## ")[0].split("\n### ")[0]


def script(title: str) -> str:
    """The shell of a section."""
    found = re.findall(r"```sh\n(.*?)```", section(title), re.DOTALL)
    return "\n".join(found)


ALL_IS_TOLD = """
told() { curl -sS -H "Authorization: Bearer $TOKEN" "$AT/intake/v1/complaints/$REFERENCE"; }
until test "$(told | get '["version"]')" = "$(office "$COMPLAINT" | get '["version"]')"; do
  sleep 0.2
done
"""
"""What a reader's own slowness does: the person is told of the last act before being asked for."""


def test_a_system_is_connected_by_the_commands_of_the_readme(tmp_path: Path) -> None:
    with running(tmp_path / "data") as platform:
        said = script("Connecting a system") + ALL_IS_TOLD + script("Asking for news")
        said = said.replace("http://127.0.0.1:8000", platform.address)
        said = said.replace("omb_children_…", platform.keys["children"])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", said],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
            env=environment(tmp_path / "data"),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        acts = re.findall(r"^(\S+): (\d+)$", done.stdout, re.MULTILINE)
        assert acts == [
            (act, "200")
            for act in (
                "referrals/1/acceptance",
                "examination",
                "questions",
                "decision",
                "closing",
            )
        ]
        assert "\n304\n" in done.stdout


def test_a_joint_report_is_got_and_verified_by_the_commands_of_the_readme(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as platform:
        reported(Country(data, platform))
        functions = script("Connecting a system").split("RECEIPT=", 1)[0]
        said = functions + script("Joint inspections")
        said = said.replace("http://127.0.0.1:8000", platform.address)
        said = said.replace("omb_children_…", platform.keys["children"])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", said.replace(".venv/bin/ombudslink", str(SCRIPT))],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
            env=environment(data, LANG="en", OMBUDSLINK_AT=platform.address),
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Commissioner for the Rights of the Child") >= 3
    assert "Joint report issued" in done.stdout
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


def reported(country: Country) -> None:
    """A joint inspection of two offices, which both signed its report, is closed."""
    parent = country.somebody("Айгүл Серікқызы")
    children, vulnerable = map(country.commissioner, ("children", "vulnerable"))
    parent.complains("Ұлымды мектепке алмады.", affected=["child", "disability"])
    children.finds_the_complaint_in_the_inbox()
    children.accepts_the_complaint()
    parent.consents_to_a_joint_examination()
    children.proposes_a_joint_inspection("Неге?", inviting=vulnerable)
    vulnerable.is_asked_to_take_part(must=True)
    vulnerable.joins()
    children.opens_it()
    children.drafts_finding(1, "Мектеп заңсыз бас тартты.")
    children.agrees_to_finding(1)
    vulnerable.agrees_to_finding(1)
    children.issues_the_report("Бұзушылық бар.", method="Құжаттар зерделенді.", recommending={})
    children.signs_the_report()
    vulnerable.signs_the_report()
    children.closes_it("breaches_found")


def test_a_first_look_goes_as_the_readme_says(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as platform:
        command = section("A first look").split("ombudslink file", 1)[1].split("\n\n")[0]
        arguments = re.findall(r'"([^"]*)"|([^\s\\"]+)', command)
        typed = [quoted or plain for quoted, plain in arguments]
        filed = ombudslink(data, "file", *typed, OMBUDSLINK_AT=platform.address)
        assert filed.returncode == 0, filed.stderr
        reference = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", filed.stdout)[0]
        code = re.findall(r"\d{4}(?: \d{4}){4}", filed.stdout)[0]
        asked = ["status", reference, "--code", code, "--language", "kk"]

        def with_the_children() -> bool:
            told = ombudslink(data, *asked, OMBUDSLINK_AT=platform.address)
            return "Бала құқықтары жөніндегі уәкіл" in told.stdout

        until(with_the_children)
        assert "children" in ombudslink(data, "story", reference).stdout
        assert ombudslink(data, "verify", "--wait", "10").returncode == 0


def test_every_file_that_the_readme_names_is_there() -> None:
    named = re.findall(r"`((?:services|shared|deploy)/[\w./-]+)`", README)
    assert [name for name in named if not (ROOT / name).exists()] == []

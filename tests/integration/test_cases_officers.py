"""Officers are known by name to their own office, and to everybody else under a pseudonym."""

import re
from pathlib import Path

from machine import Desk, View, running

ACTS = ("AdmissibilityDecided", "ExaminationStarted")
NAME = "aigerim.sadykova"


async def acts(desk: Desk, complaint: str) -> list[View]:
    """What an office reads of the two acts."""
    answer = await desk.get(f"/complaints/{complaint}/history", params={"limit": 100})
    return [one for one in answer.json()["events"] if one["type"] in ACTS]


async def test_an_officers_name_stays_in_the_office(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        # given an officer who acts twice under a name
        children, general = machine.desk("children"), machine.desk("human-rights")
        complaint = await children.accepted()
        admitted = {"admissible": True, "ground": "admissible"}
        await children.done(complaint, "admissibility", admitted, Ombudslink_Actor=NAME)
        await children.done(complaint, "examination", Ombudslink_Actor=NAME)

        # then both events carry one pseudonym, and the name stands beside it here
        mine = await acts(children, complaint)
        assert [one["actor_name"] for one in mine] == [NAME] * 2
        (pseudonym,) = {one["actor"] for one in mine}
        assert re.fullmatch(r"officer-[0-9a-f]{24}", pseudonym)
        # and the office that had it before has the pseudonym only
        await general.until(complaint, lambda v: v["version"] >= mine[-1]["version"])
        other = await acts(general, complaint)
        assert [(one["actor"], one["actor_name"]) for one in other] == [(pseudonym, None)] * 2
        # and so have the log and all other stores
        folder = machine.platform.installation.folder
        stores = [path for office, path in folder.stores().items() if office != "children"]
        files = [
            file for path in (*stores, folder.log) for file in path.parent.glob(f"{path.name}*")
        ]
        assert any(pseudonym.encode() in file.read_bytes() for file in files)
        assert [file for file in files if NAME.encode() in file.read_bytes()] == []

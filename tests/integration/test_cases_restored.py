"""An office's store that was put back from a backup: it gives no number a second time."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from case_tracking import tables
from case_tracking.register import number_of
from machine import Clock, Machine, eventually, running
from ombudslink.runtime import consumer
from ombudslink.store import tables as shared
from ombudslink.testing.country import CHILDREN

GENERAL = "human-rights"
NUMBERED = ("ComplaintRegistered", "ReferralReceived")


async def numbers(machine: Machine, complaints: list[str]) -> list[str | None]:
    """Under which numbers the children's office has them."""
    database = machine.service(CHILDREN).database
    return [await database.query(lambda c, one=one: number_of(c, one)) for one in complaints]


async def told_numbers(machine: Machine, complaints: list[str]) -> set[tuple[str, str]]:
    """Each number that the children's office ever gave, with its complaint, from the histories."""
    desk, given = machine.desk(CHILDREN), set[tuple[str, str]]()
    for complaint in complaints:
        page = await desk.get(f"/complaints/{complaint}/history", params={"limit": 100})
        for event in page.json()["events"]:
            if event["author"] == CHILDREN and event["type"] in NUMBERED:
                given.add((event["data"]["number"], complaint))
    return given


async def registered(machine: Machine, complaint: str) -> str:
    """The number, once the registrar knows it."""
    view = await machine.desk(CHILDREN).until(complaint, lambda v: of_children(v))
    return str(of_children(view))


def of_children(view: dict[str, list[dict[str, str]]]) -> str | None:
    found = (one["number"] for one in view["registrations"] if one["office"] == CHILDREN)
    return next(found, None)


async def received(machine: Machine, count: int) -> list[str]:
    found = []
    for _ in range(count):
        complaint = await machine.desk(CHILDREN).received()
        await registered(machine, complaint)
        found.append(complaint)
    return found


def back_up(folder: Path, to: Path) -> None:
    to.mkdir()
    for file in (folder / "stores").glob(f"{CHILDREN}.sqlite*"):
        shutil.copy(file, to / file.name)


def put_back(folder: Path, backup: Path) -> None:
    for file in (folder / "stores").glob(f"{CHILDREN}.sqlite*"):
        file.unlink()
    for file in backup.iterdir():
        shutil.copy(file, folder / "stores" / file.name)


@pytest.mark.parametrize("lost", ["everything", "since the backup"])
async def test_numbers_are_the_same_after_a_restore_and_the_next_one_is_new(
    tmp_path: Path, lost: str
) -> None:
    folder, backup, clock = tmp_path / "data", tmp_path / "backup", Clock()
    # given an office that gave numbers before and after its backup
    async with running(folder, clock=clock) as machine:
        complaints = await received(machine, 2) if lost != "everything" else []
    if lost == "everything":
        backup.mkdir()
    else:
        back_up(folder, backup)
    async with running(folder, clock=clock) as machine:
        complaints += await received(machine, 4)
        before = await numbers(machine, complaints)
    assert len(set(before)) == len(before)
    # when its store is put back, and a complaint comes in at once
    put_back(folder, backup)
    async with running(folder, clock=clock) as machine:
        newest = await machine.file()
        number = await registered(machine, newest)
        # then the others have the numbers they had, and the new one has one of its own
        assert await numbers(machine, complaints) == before
        assert number not in before
        given = await told_numbers(machine, [*complaints, newest])
        assert len({number for number, _ in given}) == len(given) == len(complaints) + 1


async def test_what_the_history_has_done_already_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # read event by event, a referral is seen before it is seen that it was received
    monkeypatch.setattr(consumer, "BATCH", 1)
    folder, clock = tmp_path / "data", Clock()
    async with running(folder, clock=clock) as machine:
        complaints = [await machine.desk(CHILDREN).accepted() for _ in range(2)]
        before = await numbers(machine, complaints)
    (tmp_path / "backup").mkdir()
    put_back(folder, tmp_path / "backup")
    async with running(folder, clock=clock) as machine:

        async def nothing_due() -> bool:
            return await count(machine, tables.due) == 0

        await eventually(lambda: known(machine, complaints))
        await eventually(nothing_due)
        assert await numbers(machine, complaints) == before
        assert await count(machine, shared.command) == 0


async def count(machine: Machine, table: object) -> int:
    question = select(func.count()).select_from(table)  # type: ignore[arg-type]
    return await machine.service(CHILDREN).database.query(lambda c: c.scalar(question)) or 0


async def known(machine: Machine, complaints: list[str]) -> bool:
    return None not in await numbers(machine, complaints)


async def test_a_registration_by_hand_that_the_rules_refuse_takes_no_number(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        desk = machine.desk(CHILDREN)
        first = await desk.received()
        await registered(machine, first)
        refused = await machine.desk(GENERAL).act(first, "registration")
        assert refused.status_code in (403, 409), refused.text
        database = machine.service(GENERAL).database
        assert await database.query(lambda c: number_of(c, first)) is None

"""The demonstration, played through the public API: possible, complete, and always the same."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from ombudslink.folder import DataFolder
from ombudslink.installation import Installation
from ombudslink.store import tables
from ombudslink.store.engine import Database
from ombudslink.web.access import AccessKeys
from onebox.demonstration.loading import load, steps_for
from onebox.demonstration.steps import BACK, Propose, Silence, Step
from onebox.platform import CONFIGURATION

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
OF_KEYS = {"content", "document", "digest", "key", "signature"}
"""The fields of events that secret keys make."""


def chosen(plan: Sequence[Step]) -> list[Step]:
    """A story with a referral that expires, the first five, two inspections with their complaints,
    and the nights of all of them."""
    nights = [step for step in plan if isinstance(step.what, Silence)]
    expiring = next(
        expiry.story
        for night in nights
        if isinstance(night.what, Silence)
        for expiry in night.what.expired
    )
    first = list(dict.fromkeys(step.story for step in plan if step.story))[:5]
    proposals = [(step.story, step.what) for step in plan if isinstance(step.what, Propose)]
    joint = [one for story, what in proposals for one in (story, *what.complaints)]
    told = [step for step in plan if step.story in (expiring, *first, *joint)]
    last = told[-1].when + timedelta(days=1)
    ours = [night for night in nights if told[0].when < night.when <= last]
    return sorted([*told, *ours], key=lambda step: step.when)


def installed(folder: Path) -> Installation:
    """A new installation."""
    return Installation.of(DataFolder(folder), CONFIGURATION, "kz")


def histories(installation: Installation) -> list[tuple[str, ...]]:
    """What happened, when and by whom, as the registrar has it; without what secret keys make.

    What two participants answer to one event at one instant may stand in either order.
    """
    database = Database(installation.folder.database(installation.policy.registrar))
    database.open()
    try:
        with database.maintain() as connection:
            query = select(tables.event.c.body).order_by(tables.event.c.id)
            bodies = connection.scalars(query).all()
    finally:
        database.close()
    found = [json.loads(body) for body in bodies]
    return sorted(
        (
            event["stream"],
            event["time"],
            event["type"],
            event["author"],
            json.dumps({k: v for k, v in event["data"].items() if k not in OF_KEYS}),
        )
        for event in found
    )


def test_the_same_plan_gives_the_same_histories_at_the_times_of_the_plan(tmp_path: Path) -> None:
    # given two new installations, each with secret keys of its own
    made = [installed(tmp_path / name) for name in ("one", "other")]
    keys = [list(AccessKeys(one.folder.access).all()) for one in made]
    steps = chosen(steps_for(made[0], NOW))
    # when the same plan is played on both
    done: list[int] = []
    for one in made:
        load(one, steps, lambda: done.append(1))
    # then every step was done, and the histories are equal
    first, second = map(histories, made)
    assert len(done) == 2 * len(steps)
    assert first == second
    # and everything happened when it was planned, nights included
    planned = {step.when for step in steps}
    times = {datetime.fromisoformat(time) for _, time, *_ in first}
    assert times <= planned
    assert min(times) >= NOW - BACK
    kinds = {kind for _, _, kind, *_ in first}
    assert {"ReferralExpired", "DissentRecorded", "JointInspectionClosed"} <= kinds
    assert "JointInspectionSeparated" in kinds
    # and the keys with which it was played let nobody in any more
    assert [list(AccessKeys(one.folder.access).all()) for one in made] == keys

"""Every act of a joint inspection tried by every kind of office: allowed where the table says."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import pytest
import pytest_asyncio

from case_tracking.joint.acts import JOINT_ACTS
from jointly import Party, may, opened, settled
from machine import Machine, View, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHER: Final = {"reason": "other"}
TEXT: Final = {"text": "…"}
REPORT: Final = {**TEXT, "method": "…"}
SAID: Final[dict[str, View]] = {
    "declining": OTHER,
    "leaving": OTHER,
    "invitations": {"office": "human-rights", "ground": "expertise"},
    "opening": {"ground": "no_answer"},
    "tasks": {"office": "vulnerable", "kind": "visit", "due": "2026-03-20"},
    "completion": TEXT,
    "evidence": {"kind": "document", **TEXT},
    "findings": TEXT,
    "dissent": TEXT,
    "report": REPORT,
    "separation": OTHER,
    "closing": {"outcome": "other"},
}
CHILDREN, VULNERABLE, GENERAL, ENTREPRENEURS = OFFICES = (
    *("children", "vulnerable", "human-rights", "entrepreneurs"),
)
WORK: Final = {"evidence", "findings", "agreement", "dissent"}


class Cast:
    """The four offices of the country; the children's leads."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.parties = {office: Party(machine, office) for office in OFFICES}
        self.lead, self.vulnerable, self.general, self.business = self.parties.values()


async def asked(cast: Cast) -> str:
    """Who must take part is asked, another is invited, and one is complained of."""
    complaint = await cast.lead.complaint(body="commissioner_entrepreneurs")
    inspection = await cast.lead.proposes(complaint, invited=(GENERAL, ENTREPRENEURS))
    for party in (cast.vulnerable, cast.general):
        await party.until(inspection, may("joining"))
    await cast.lead.until(inspection, settled)
    return inspection


async def at_work(cast: Cast) -> str:
    """Open, with a task and a finding; one office has left, another may still join."""
    inspection, _ = await opened(cast.lead, cast.vulnerable, cast.general)
    await cast.general.until(inspection, may("leaving"))
    await cast.general.does(inspection, "leaving", OTHER)
    asked = {"office": ENTREPRENEURS, "ground": "expertise"}
    await cast.lead.does(inspection, "invitations", asked)
    await cast.lead.does(inspection, "tasks", SAID["tasks"])
    await cast.lead.does(inspection, "findings", TEXT)
    for party in (cast.vulnerable, cast.business):
        await party.until(inspection, lambda view: view["findings"])
    return inspection


async def voted(cast: Cast) -> str:
    """Open, and all agree to the only finding."""
    inspection, _ = await opened(cast.lead, cast.vulnerable, cast.general)
    await cast.lead.does(inspection, "findings", TEXT)
    parties = (cast.lead, cast.vulnerable, cast.general)
    for party in parties:
        await party.until(inspection, lambda view: view["findings"])
        await party.does(inspection, "findings/1/agreement")
    for party in parties:
        await party.until(inspection, lambda view: not view["findings"][0]["waits_for"])
    await cast.lead.reads(inspection)
    return inspection


async def reported(cast: Cast) -> str:
    """The report is issued, and nobody has signed it; an office never had a part."""
    inspection = await voted(cast)
    await cast.lead.does(inspection, "report", REPORT)
    for party in (cast.vulnerable, cast.general):
        await party.until(inspection, may("signature"))
    return inspection


async def silent(cast: Cast) -> str:
    """Who must take part did not answer in time, one declined, and one joined."""
    complaint = await cast.lead.complaint()
    inspection = await cast.lead.proposes(complaint, invited=(GENERAL, ENTREPRENEURS))
    await cast.general.until(inspection, may("declining"))
    await cast.general.does(inspection, "declining", OTHER)
    await cast.business.until(inspection, may("joining"))
    await cast.business.does(inspection, "joining")
    cast.machine.clock.forward(days=20)

    def gone(view: View) -> bool:
        return any(one["part"] == "silent" for one in view["parties"])

    for party in (cast.lead, cast.vulnerable, cast.business):
        await party.until(inspection, gone)
    return inspection


async def ended(cast: Cast) -> str:
    """There is no inspection any more."""
    inspection, _ = await opened(cast.lead, cast.vulnerable, cast.general)
    await cast.lead.does(inspection, "separation", OTHER)
    for party in (cast.vulnerable, cast.general):
        await party.until(inspection, lambda view: view["stage"] == "separated")
    return inspection


Given = Callable[[Cast], Awaitable[str]]
TABLE: Final[list[tuple[Given, dict[str, set[str]]]]] = [
    (
        asked,
        {
            CHILDREN: {"leaving", "separation"},
            VULNERABLE: {"joining"},
            GENERAL: {"joining", "declining"},
            ENTREPRENEURS: set(),
        },
    ),
    (
        at_work,
        {
            CHILDREN: {"leaving", "tasks", "separation", *WORK},
            VULNERABLE: {"leaving", "completion", *WORK},
            GENERAL: set(),
            ENTREPRENEURS: {"joining", "declining"},
        },
    ),
    (
        voted,
        {
            CHILDREN: {"leaving", "tasks", "separation", "report", *WORK} - {"agreement"},
            VULNERABLE: {"leaving", *WORK} - {"agreement"},
            GENERAL: {"leaving", *WORK} - {"agreement"},
            ENTREPRENEURS: set(),
        },
    ),
    (
        reported,
        {
            CHILDREN: {"signature", "closing"},
            VULNERABLE: {"signature"},
            GENERAL: {"signature"},
            ENTREPRENEURS: set(),
        },
    ),
    (ended, {office: set() for office in OFFICES}),
    (
        silent,
        {
            CHILDREN: {"leaving", "invitations", "opening", "separation"},
            VULNERABLE: {"joining"},
            GENERAL: set(),
            ENTREPRENEURS: {"leaving"},
        },
    ),
]
"""What each office may do in each situation; everything else is refused."""
UNKNOWN: Final = {(given, ENTREPRENEURS) for given in (asked, voted, reported, ended)}
"""Who does not even learn that there is an inspection: complained of, or never asked."""
LEFT: Final = {(at_work, GENERAL), (silent, GENERAL)}
"""Who has left or declined."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cast(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cast]:
    async with running(tmp_path_factory.mktemp("joint-matrix") / "data") as machine:
        yield Cast(machine)


async def test_the_table_has_every_act_in_some_situation() -> None:
    tried = set().union(*(acts for _, row in TABLE for acts in row.values()))
    assert tried == {act.name for act in JOINT_ACTS}


@pytest.mark.parametrize(("given", "row"), TABLE, ids=[given.__name__ for given, _ in TABLE])
async def test_every_office_may_do_just_what_the_table_says(
    cast: Cast, given: Given, row: dict[str, set[str]]
) -> None:
    inspection = await given(cast)
    shown = (await cast.lead.desk.get(f"/inspections/{inspection}")).json()
    digest = (shown["report"] or {}).get("digest", "0" * 64)
    for office, allowed in row.items():
        party = cast.parties[office]
        seen = await party.desk.get(f"/inspections/{inspection}")
        unknown = (given, office) in UNKNOWN
        assert seen.status_code == (404 if unknown else 200), office
        tag = seen.headers.get("etag", f'"1-{"0" * 16}"')
        for act in JOINT_ACTS:
            said = {"digest": digest} if act.name == "signature" else SAID.get(act.name)
            path = f"/inspections/{inspection}{act.path.format(number=1)}?dry_run=true"
            answer = await party.post(path, said, headers={"If-Match": tag})
            told = f"{act.name} by {office}: {answer.text}"
            if act.name in allowed:
                assert answer.status_code == 200, told
                continue
            assert answer.status_code in (403, 404, 409), told
            assert answer.json()["detail"]
            if unknown:
                assert answer.json()["code"] == "no_such_inspection", told
            elif (given, office) in LEFT:
                assert answer.json()["code"] == "party_left", told
    # and nothing of it has happened
    now = (await cast.lead.desk.get(f"/inspections/{inspection}")).json()
    assert now["version"] == shown["version"]


async def test_a_government_body_has_no_part_in_any_of_it(cast: Cast) -> None:
    inspection = await reported(cast)
    body = cast.machine.desk("ministry-education")
    headers = {
        **body.headers,
        "If-Match": f'"1-{"0" * 16}"',
        "Idempotency-Key": str(uuid.uuid4()),
    }
    for act in JOINT_ACTS:
        for office in (CHILDREN, "ministry-education"):
            path = f"/offices/{office}/v1/inspections/{inspection}{act.path.format(number=1)}"
            answer = await cast.machine.client.post(
                path, headers=headers, json=SAID.get(act.name, {"digest": "0" * 64})
            )
            assert answer.status_code in (401, 403, 404), f"{act.name}: {answer.text}"
    for where in ("", f"/{inspection}", f"/{inspection}/content", f"/{inspection}/history"):
        answer = await body.get(f"/inspections{where}", office=CHILDREN)
        assert answer.status_code in (401, 403), answer.text

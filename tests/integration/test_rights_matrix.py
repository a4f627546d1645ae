"""Every operation × every kind of caller: what happens is what `contracts/rights.md` says."""

import re
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from case_tracking.acts import ACTS, OfficeAct
from case_tracking.entrance import COOKIE as DESK_COOKIE
from intake.citizens import COOKIE as VISIT_COOKIE
from machine import Machine, running
from ombudslink.contracts.rights import CALLERS, COMPLAINANT, KEYS, NOBODY, applications, page
from ombudslink.web.access import AccessKeys, Scope
from person import Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

RIGHTS = Path(__file__).parents[2] / "shared" / "contracts" / "rights.md"
OWN, OTHER = "children", "entrepreneurs"
"""The office whose service is asked, and another one."""
PLACES = {"intake": "/intake", "routing": "/routing", "reporting": "/reporting"} | {
    "case-tracking": f"/offices/{OWN}"
}
UNKNOWN = "00000000-0000-4000-8000-000000000001"
ARGUMENTS = {"language": "en", "step": "who", "number": "1", "digest": "x", "name": "x"}
REFUSED = {"401": 401, "403": 403}
ANY = '"1-0000000000000000"'
BODY = "ministry-education"


@dataclass(frozen=True)
class Row:
    """One operation, and what the table says of each caller."""

    service: str
    method: str
    path: str
    cells: Mapping[str, str]


def rows() -> Iterator[Row]:
    service = ""
    for line in RIGHTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            service = line.removeprefix("## ")
        found = re.fullmatch(r"\| `(\w+) (\S+)` \| ([^|]*) \| (.*) \|", line)
        if found:
            cells = dict(zip(CALLERS, found[4].split(" | "), strict=True))
            yield Row(service, found[1], found[2], cells)


class Callers:
    """Everybody who may come, with what they show."""

    def __init__(self, machine: Machine, person: Person, session: Mapping[str, str]) -> None:
        self._machine = machine
        self.person = person
        token = session["Authorization"].removeprefix("Bearer ")
        self._shown: dict[str, dict[str, str]] = {
            NOBODY: {},
            COMPLAINANT: {**session, "Cookie": f"{VISIT_COOKIE}={token}"},
            **{who: self.key(OWN, scopes) for who, scopes in KEYS.items()},
        }
        people = self._shown["an office's people"]
        entrance = machine.platform.services[OWN].state.entrance
        people["Cookie"] = f"{DESK_COOKIE}={entrance.open(people['Authorization'][7:])}"

    def key(self, participant: str, scopes: frozenset[Scope]) -> dict[str, str]:
        """A new key."""
        now = self._machine.clock()
        keys = AccessKeys(self._machine.platform.installation.folder.access)
        key = keys.issue(participant, scopes, now, now.replace(year=now.year + 1))
        return {"Authorization": f"Bearer {key}"}

    def shows(self, who: str) -> dict[str, str]:
        """The headers of that caller."""
        return dict(self._shown[who])

    async def asks(self, row: Row, shown: Mapping[str, str]) -> httpx.Response:
        """Ask for an operation, about a complaint that there is not, with nothing said."""
        arguments = {"reference": self.person.receipt["reference"], **ARGUMENTS}
        path = re.sub(r"{(\w+)}", lambda name: arguments.get(name[1], UNKNOWN), row.path)
        headers = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": ANY}
        self._machine.client.cookies.clear()
        return await self._machine.client.request(
            row.method,
            PLACES[row.service] + path,
            headers={**headers, **shown},
            json={} if row.method == "POST" and "language" not in row.path else None,
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("rights") / "data") as machine:
        yield machine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def callers(machine: Machine) -> Callers:
    person = await Person.files(machine)
    return Callers(machine, person, await person.headers())


async def test_the_table_is_what_the_signatures_say() -> None:
    with applications() as apps:
        assert RIGHTS.read_text(encoding="utf-8") == page(apps), "run `make contracts`"


@pytest.mark.parametrize("service", PLACES)
async def test_every_caller_is_let_in_where_the_table_says_so_and_nowhere_else(
    callers: Callers, service: str
) -> None:
    wrong = []
    for row in (row for row in rows() if row.service == service):
        for who in CALLERS:
            answer = await callers.asks(row, callers.shows(who))
            expected = REFUSED.get(row.cells[who])
            got = answer.status_code if answer.status_code in REFUSED.values() else None
            if got != expected:
                wrong.append(f"{row.method} {row.path} by {who}: {answer.status_code}")
    assert wrong == []


async def test_the_people_of_another_office_are_refused_at_this_one(callers: Callers) -> None:
    others = callers.key(OTHER, KEYS["an office's people"])
    own = [row for row in rows() if row.cells["an office's people"] == "own"]
    assert len(own) > len(ACTS)
    for row in own:
        expected = 401 if "{language}" in row.path else 403
        assert (await callers.asks(row, others)).status_code == expected, row.path


CUSTODIAN, PARTY, STRANGER, ACCUSED = "children", "human-rights", "entrepreneurs", "vulnerable"
"""Who has the complaint, who had it before, who has nothing to do with it, and who it is about."""
SERVICE = KEYS["an office's service"]
SEEN: dict[str, dict[str, int]] = {
    "GET /offices/{office}/v1/complaints/{complaint}": {CUSTODIAN: 200, PARTY: 200},
    "GET /offices/{office}/v1/complaints/{complaint}/history": {CUSTODIAN: 200, PARTY: 200},
    "GET /offices/{office}/v1/complaints/{complaint}/content": {CUSTODIAN: 200, PARTY: 200},
    "GET /intake/v1/contents/{complaint}": {CUSTODIAN: 200, PARTY: 200},
    "POST /intake/v1/contents/{complaint}/letters": {CUSTODIAN: 201, PARTY: 404},
    "POST /intake/v1/contents/{complaint}/receipts": {CUSTODIAN: 201, PARTY: 404},
    "GET /routing/v1/histories/{complaint}": {CUSTODIAN: 200, PARTY: 200},
}
"""The answers to the offices at what belongs to one complaint; whoever is not named gets 404."""
NOT_ITS_OWN = {
    (403, "not_custodian"),
    (403, "not_your_referral"),
    (403, "not_entitled"),
    (409, "referral_not_in_state"),
    (409, "no_dispute"),
}
"""Why a party that is not the custodian is refused; what it sent is not pending any more."""
LETTER = {"letter": str(uuid.uuid4()), "kind": "question", "text": "?"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def complaint(machine: Machine) -> str:
    """A child's complaint about the commissioner for vulnerable groups, taken over by another."""
    about = f"commissioner_{ACCUSED}"
    return await machine.desk(CUSTODIAN).accepted(body=about)


@pytest.mark.parametrize("office", [CUSTODIAN, PARTY, STRANGER, ACCUSED])
@pytest.mark.parametrize("operation", SEEN)
async def test_of_a_complaint_its_parties_see_what_is_theirs_and_others_not_that_it_exists(
    machine: Machine, callers: Callers, complaint: str, operation: str, office: str
) -> None:
    method, path = operation.split()
    people = "/offices/" in path
    shown = callers.key(office, KEYS["an office's people"] if people else SERVICE)
    answer = await machine.client.request(
        method,
        path.format(office=office, complaint=complaint),
        headers={**shown, "Idempotency-Key": str(uuid.uuid4())},
        json=LETTER if path.endswith("letters") else None,
    )
    assert answer.status_code == SEEN[operation].get(office, 404), answer.text
    if "items" in answer.json():
        # Who had it only while the transfer was pending never had the text.
        assert bool(answer.json()["items"]) == (office == CUSTODIAN)


def words(act: OfficeAct) -> dict[str, Any] | None:
    """Something that can be said with an act."""
    known = {"receiver": CUSTODIAN, "office": CUSTODIAN, "text": "?", "addressee": BODY}
    known |= {"request": 1, "recommendation": 1}
    said = {**known, **act.probes[0]}
    return {name: said[name] for name in said if name in act.body.model_fields} or None


def referral(act: OfficeAct) -> int | None:
    """The referral that an act is about, if it is about one."""
    return 1 if act.on_referral else None


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
async def test_a_party_that_gave_the_complaint_away_cannot_act_on_it_any_more(
    machine: Machine, complaint: str, act: OfficeAct
) -> None:
    desk = machine.desk(PARTY)
    answer = await desk.act(
        complaint, act.name, words(act), referral=referral(act), Prefer="wait=30"
    )
    assert (answer.status_code, answer.json()["code"]) in NOT_ITS_OWN, answer.text


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
async def test_no_office_can_act_on_what_is_not_its_own_or_learn_that_it_exists(
    machine: Machine, complaint: str, act: OfficeAct
) -> None:
    for office in (STRANGER, ACCUSED):
        desk = machine.desk(office)
        answers = [
            await desk.act(one, act.name, words(act), referral=referral(act), seen=ANY)
            for one in (complaint, UNKNOWN)
        ]
        assert [answer.status_code for answer in answers] == [404, 404], answers[0].text
        assert answers[0].json() == answers[1].json()


async def test_a_session_of_one_complaint_shows_no_other_one(
    machine: Machine, callers: Callers
) -> None:
    other = await Person.files(machine)
    for path in (other.path, f"{other.path}x"):
        answer = await machine.client.get(path, headers=callers.shows(COMPLAINANT))
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_complaint")

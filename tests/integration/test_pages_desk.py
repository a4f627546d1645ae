"""An office's pages: let in with a key, the inbox, a timeline, and whether its chain is intact."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from case_tracking.entrance import LIFETIME
from machine import Machine, running
from ombudslink.folder import DataFolder
from ombudslink.installation import OFFICE_KEY
from ombudslink.store.history import head
from ombudslink.web.access import Access, AccessKeys, Scope
from visitor import Visitor, text_of

CHILDREN = "children"
PLACE = "/offices/children"


class Officer(Visitor):
    """Somebody at an office, with a browser."""

    place = PLACE


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """All services."""
    async with running(tmp_path / "data") as machine:
        yield machine


def key(machine: Machine, office: str = CHILDREN, scopes: frozenset[Scope] = OFFICE_KEY) -> str:
    """A new key."""
    folder: DataFolder = machine.platform.installation.folder
    now = machine.clock()
    return AccessKeys(folder.access).issue(office, scopes, now, now + timedelta(days=90))


async def inside(machine: Machine, language: str = "en") -> Officer:
    """Somebody who was let in."""
    officer = Officer(machine, language)
    page = await officer.sends("/entrance", {"key": key(machine)})
    assert page.status_code == 200, text_of(page)
    return officer


@pytest.mark.parametrize(
    ("language", "todo"),
    [
        ("kk", "Жолдамаға жауап беру"),
        ("ru", "Ответить на направление"),
        ("en", "Answer the referral"),
    ],
)
async def test_the_inbox_shows_what_is_to_be_done_and_until_when(
    machine: Machine, language: str, todo: str
) -> None:
    await machine.desk(CHILDREN).received()
    officer = await inside(machine, language)
    shown = text_of(await officer.sees("/"))
    assert "CH-2026/000001" in shown
    assert shown.count(todo) == 2
    assert "05.03.2026" in shown


async def test_the_inbox_is_filtered_and_goes_on_page_by_page(machine: Machine) -> None:
    children = machine.desk(CHILDREN)
    for _ in range(26):
        await children.received()
    officer = await inside(machine)
    first = await officer.sees("/?todo=answer_referral&phase=")
    assert first.text.count("CH-2026/") == 25
    following = first.text.split('href="?')[1].split('"')[0].replace("&amp;", "&")
    second = await officer.sees(f"/?{following}")
    assert second.text.count("CH-2026/") == 1
    assert "There is no such complaint." in (await officer.sees("/?todo=examine&phase=")).text


async def test_a_complaints_timeline_is_shown_with_the_chain_computed_again(
    machine: Machine,
) -> None:
    complaint = await machine.desk(CHILDREN).accepted()
    page = await (await inside(machine)).sees(f"/complaints/{complaint}")
    database = machine.service(CHILDREN).database
    end = await database.query(lambda c: head(c, complaint))
    assert f"the hashes of {end.version} events were recomputed and all agree" in page.text
    assert end.hash.hex() in page.text
    assert "To: Commissioner for the Rights of the Child" in text_of(page)
    assert "Taken over" in text_of(page) or "Accepted" in text_of(page)


async def test_a_history_that_was_tampered_with_is_named_with_its_first_wrong_event(
    machine: Machine,
) -> None:
    complaint = await machine.desk(CHILDREN).received()

    def tamper(connection: Connection) -> None:
        connection.execute(text("DROP TRIGGER IF EXISTS event_no_update"))
        for trigger in connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'")
        ).scalars():
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(
            text("UPDATE event SET body = :body WHERE stream = :stream AND version = 3"),
            {"body": b"not even JSON", "stream": complaint},
        )

    await machine.service(CHILDREN).database.write(tamper)
    page = await (await inside(machine)).sees(f"/complaints/{complaint}")
    assert page.status_code == 200
    assert "from event 3 on the hashes do not agree" in page.text
    assert "seal--broken" in page.text


async def test_only_a_key_of_this_office_that_may_read_lets_in(machine: Machine) -> None:
    officer = Officer(machine, "en")
    wrong = [
        "omb_children_x",
        key(machine, "vulnerable"),
        key(machine, CHILDREN, frozenset({Scope.HISTORY})),
    ]
    for one in wrong:
        page = await officer.sends("/entrance", {"key": one})
        assert page.status_code == 401
        assert one not in page.text
        assert "There is no access key or token, or it is not valid" in page.text
    assert (await officer.sends("/entrance")).status_code == 422
    assert (await officer.sees("/")).status_code == 401


async def test_one_is_let_in_for_a_short_time_and_until_one_signs_out(machine: Machine) -> None:
    officer = await inside(machine)
    machine.clock.at += LIFETIME - timedelta(seconds=1)
    assert (await officer.sees("/")).status_code == 200
    machine.clock.at += timedelta(seconds=1)
    assert (await officer.sees("/")).status_code == 401
    officer = await inside(machine)
    assert (await officer.sends("/exit")).status_code == 401
    assert (await officer.sees("/")).status_code == 401


async def test_a_key_that_is_revoked_lets_in_no_more_though_the_cookie_is_good(
    machine: Machine,
) -> None:
    officer = await inside(machine)
    keys = AccessKeys(machine.platform.installation.folder.access)

    def latest(access: Access) -> bool:
        return access.participant == CHILDREN and access.scopes == OFFICE_KEY

    for access in filter(latest, list(keys.all())):
        keys.revoke(access.digest)
    assert (await officer.sees("/")).status_code == 401


async def test_the_cookie_does_not_show_the_key_and_goes_to_this_offices_pages_only(
    machine: Machine,
) -> None:
    officer = Officer(machine, "en")
    officer.client.follow_redirects = False
    secret = key(machine)
    answer = await officer.sends("/entrance", {"key": secret})
    cookie = answer.headers["set-cookie"]
    assert secret not in cookie
    for attribute in ("HttpOnly", "SameSite=strict", f"Path={PLACE}/"):
        assert attribute in cookie


async def test_a_form_of_another_site_lets_nobody_in_or_out(machine: Machine) -> None:
    stranger = Officer(machine, "en", **{"Sec-Fetch-Site": "cross-site"})
    for path in ("/entrance", "/exit"):
        assert (await stranger.sends(path, {"key": key(machine)})).status_code == 403


async def test_a_complaint_of_others_is_not_there(machine: Machine) -> None:
    complaint = await machine.file(affected=["entrepreneur"], subject="taxes_customs", body="other")
    await machine.desk("human-rights").until(complaint, lambda view: view)
    page = await (await inside(machine)).sees(f"/complaints/{complaint}")
    assert page.status_code == 404


async def test_the_number_of_failed_tries_is_limited(machine: Machine) -> None:
    officer = Officer(machine, "en")
    statuses = [
        (await officer.sends("/entrance", {"key": f"omb_children_{n}"})).status_code
        for n in range(61)
    ]
    assert statuses == [401] * 60 + [429]

"""The client repeats what may be repeated, waits when it is asked to, pages, and says why not."""

import json
from typing import Any

import httpx
import pytest
import stamina

from ombudslink.client import Agency, Office, Person, Public, Unanswered

COMPLAINT = "00000000-0000-4000-8000-000000000001"
INSPECTION = "00000000-0000-4000-8000-000000000002"


class Service:
    """Answers in the order that is given, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self.handle)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def headers(self, name: str) -> list[str | None]:
        """What was said in that header, each time."""
        return [request.headers.get(name) for request in self.asked]


def shown(view: Any, status: int = 200, **headers: str) -> httpx.Response:
    tagged = {"ETag": '"3-0123456789abcdef"'} | headers
    return httpx.Response(status, json=view, headers=tagged)


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    said = {"code": code, "detail": "A sentence.", "errors": []}
    return httpx.Response(status, json=said, headers=headers)


def office(service: Service) -> Office:
    return Office("http://here/", "children", "key", officer="o1", transport=service.transport)


@pytest.fixture(autouse=True)
def quick() -> Any:
    """Pauses are not waited for; how often something is repeated stays as it is."""
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


RECEIPT = {"reference": "0000-0000-0000", "code": "1", "filed": "2026-03-02T05:00:00.000Z"}


@pytest.mark.parametrize(
    "first",
    [httpx.ConnectError("away"), problem(503, "store_unavailable"), problem(429, "too_many")],
    ids=["away", "unavailable", "busy"],
)
def test_a_filing_is_repeated_under_the_same_key_until_it_is_taken(
    first: httpx.Response | Exception,
) -> None:
    service = Service(first, shown(RECEIPT, 201))
    with Person("http://here", "kk", service.transport) as person:
        assert person.file({"text": "…"}).reference == RECEIPT["reference"]
    keys = service.headers("Idempotency-Key")
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert service.headers("Accept-Language") == ["kk", "kk"]


def test_what_keeps_failing_is_given_up_with_a_sentence() -> None:
    service = Service(*[httpx.ConnectError("away")] * 4)
    with (
        Person("http://here", transport=service.transport) as person,
        pytest.raises(Unanswered, match="http://here does not answer") as found,
    ):
        person.file({})
    assert found.value.code is None
    assert len(service.asked) == 4


def test_a_refusal_is_not_repeated_and_says_what_is_wrong() -> None:
    fault = {"pointer": "/text", "code": "missing", "detail": "This field is required."}
    said = {"code": "invalid_request", "detail": "The request was not taken.", "errors": [fault]}
    service = Service(httpx.Response(422, json=said))
    with (
        Person("http://here", transport=service.transport) as person,
        pytest.raises(Unanswered) as found,
    ):
        person.file({})
    assert found.value.code == "invalid_request"
    assert str(found.value) == "The request was not taken.\n  /text: This field is required."


def test_a_wrong_code_is_tried_once() -> None:
    service = Service(problem(429, "too_many_requests"))
    with (
        Person("http://here", transport=service.transport) as person,
        pytest.raises(Unanswered) as found,
    ):
        person.open_status("0000-0000-0000", "1")
    assert (found.value.code, len(service.asked)) == ("too_many_requests", 1)


def test_a_status_that_is_known_already_is_not_sent_again() -> None:
    service = Service(shown({"version": 3}), httpx.Response(304))
    with Person("http://here", transport=service.transport) as person:
        seen = person.status("0000-0000-0000", "token")
        assert seen is not None
        assert person.status("0000-0000-0000", "token", seen) is None
    assert service.headers("If-None-Match") == [None, seen.etag]
    assert service.headers("Authorization") == ["Bearer token"] * 2


def test_a_list_is_read_page_by_page_as_far_as_it_is_asked_for() -> None:
    pages = ({"complaints": [{"n": 1}, {"n": 2}], "next": "c"}, {"complaints": [], "next": None})
    service = Service(*(shown(page) for page in pages))
    inbox = office(service).inbox(todo="assess")
    assert next(inbox) == {"n": 1}
    assert len(service.asked) == 1
    assert list(inbox) == [{"n": 2}]
    assert [dict(r.url.params) for r in service.asked] == [
        {"todo": "assess"},
        {"todo": "assess", "cursor": "c"},
    ]


def test_an_act_is_based_on_what_was_seen_and_says_who_acts() -> None:
    service = Service(shown({"version": 3}), shown({"version": 4}))
    done = office(service).act(COMPLAINT, "acceptance", referral=1)
    assert done.view == {"version": 4}
    assert service.asked[1].url.path.endswith(f"/complaints/{COMPLAINT}/referrals/1/acceptance")
    assert service.headers("If-Match") == [None, '"3-0123456789abcdef"']
    assert service.headers("Ombudslink-Actor") == ["o1", "o1"]
    assert service.headers("Authorization") == ["Bearer key"] * 2


def test_an_act_that_is_not_decided_yet_is_waited_for() -> None:
    decided = {"result": "accepted", "last_version": 5, "problem": None}
    service = Service(
        shown({"version": 3}),
        httpx.Response(202, json={"command": "c"}),
        shown({"result": "pending", "problem": None}),
        shown(decided),
        shown({"version": 4}),
        httpx.Response(304),
        shown({"version": 5}),
    )
    assert office(service).act(COMPLAINT, "closing").view == {"version": 5}


def test_an_act_that_is_refused_later_says_why() -> None:
    said = {"code": "not_answered", "detail": "It is not answered."}
    outcome = {"result": "refused", "last_version": None, "problem": said}
    service = Service(
        shown({"version": 3}), httpx.Response(202, json={"command": "c"}), shown(outcome)
    )
    with pytest.raises(Unanswered, match="It is not answered") as found:
        office(service).act(COMPLAINT, "closing")
    assert found.value.code == "not_answered"


def test_an_act_that_is_only_tried_needs_no_key() -> None:
    service = Service(shown({"version": 3}), shown({"events": []}))
    assert office(service).attempt(COMPLAINT, "closing") == {"events": []}
    assert service.asked[1].url.params["dry_run"] == "true"
    assert service.headers("Idempotency-Key") == [None, None]


def test_a_joint_act_is_posted_on_the_thing_that_it_is_about() -> None:
    acts: tuple[tuple[str, dict[str, int], str], ...] = (
        ("joining", {}, "joining"),
        ("completion", {"task": 2}, "tasks/2/completion"),
        ("dissent", {"finding": 3}, "findings/3/dissent"),
    )
    for act, about, path in acts:
        service = Service(shown({"version": 3}), shown({"version": 4}))
        done = office(service).act_jointly(INSPECTION, act, {"text": "…"}, **about)
        assert done.view == {"version": 4}
        assert service.asked[1].url.path.endswith(f"/inspections/{INSPECTION}/{path}")
        assert json.loads(service.asked[1].content) == {"text": "…"}
        assert service.headers("If-Match") == [None, '"3-0123456789abcdef"']
        assert service.headers("Ombudslink-Actor") == ["o1", "o1"]


def test_a_joint_act_that_is_not_decided_yet_is_waited_for() -> None:
    service = Service(
        shown({"version": 3}),
        httpx.Response(202, json={"command": "c"}),
        shown({"result": "accepted", "last_version": 4, "problem": None}),
        shown({"version": 3}),
        shown({"version": 4}),
    )
    assert office(service).act_jointly(INSPECTION, "opening").view == {"version": 4}


def test_a_proposal_is_an_inspection_at_once_or_once_it_is_decided() -> None:
    at_once = Service(shown({"inspection": INSPECTION}, 201))
    decided = {"complaint": INSPECTION, "result": "accepted", "last_version": 2, "problem": None}
    later = Service(
        httpx.Response(202, json={"command": "c"}),
        shown(decided),
        shown({"inspection": INSPECTION}),
    )
    for service in (at_once, later):
        made = office(service).propose({"complaints": [COMPLAINT]}, "mine")
        assert made.view == {"inspection": INSPECTION}
        assert service.headers("Idempotency-Key")[0] == "mine"
        assert "If-Match" not in service.asked[0].headers
    assert later.asked[2].url.path.endswith(f"/inspections/{INSPECTION}")


def test_what_is_known_of_a_joint_inspection_is_read() -> None:
    service = Service(
        shown({"inspections": [{"n": 1}], "next": None}),
        shown({"version": 7}),
        shown({"events": [{"version": 1}], "next": None}),
        shown({"items": []}),
        shown({"report": {}, "signatures": []}),
        httpx.Response(200, content=b"%PDF"),
    )
    asking = office(service)
    assert list(asking.inspections(todo="vote")) == [{"n": 1}]
    assert asking.inspection(INSPECTION).view == {"version": 7}
    assert list(asking.inspection_history(INSPECTION)) == [{"version": 1}]
    assert asking.inspection_content(INSPECTION) == {"items": []}
    assert asking.report(INSPECTION) == {"report": {}, "signatures": []}
    assert asking.report_pdf(INSPECTION, "kk") == b"%PDF"
    below = [request.url.raw_path.decode().partition("/v1")[2] for request in service.asked]
    assert below == [
        "/inspections?todo=vote",
        f"/inspections/{INSPECTION}",
        f"/inspections/{INSPECTION}/history?limit=100",
        f"/inspections/{INSPECTION}/content",
        f"/inspections/{INSPECTION}/report",
        f"/inspections/{INSPECTION}/report.pdf?lang=kk",
    ]


def test_consent_is_given_and_withdrawn_for_joint_inspections_only() -> None:
    service = Service(shown({}), shown({}))
    with Person("http://here", transport=service.transport) as person:
        person.consent("0000-0000-0000", "token", "first")
        person.withdraw_consent("0000-0000-0000", "token", "second")
    assert [request.url.path.rpartition("/")[2] for request in service.asked] == [
        "consent",
        "consent-withdrawal",
    ]
    for request in service.asked:
        assert json.loads(request.content) == {"purpose": "joint_inspection"}
    assert service.headers("Idempotency-Key") == ["first", "second"]
    assert service.headers("Authorization") == ["Bearer token"] * 2


def test_events_are_followed_from_cursor_to_cursor() -> None:
    service = Service(
        shown([{"cursor": "a"}, {"cursor": "b"}]), shown([]), shown([{"cursor": "c"}])
    )
    events = Agency("http://here", "key", service.transport).events()
    assert [next(events)["cursor"] for _ in range(3)] == ["a", "b", "c"]
    assert [r.url.params.get("after") for r in service.asked] == [None, "b", "b"]
    assert service.headers("Prefer") == ["wait=25"] * 3


def test_what_everybody_may_know_needs_no_key() -> None:
    service = Service(
        shown({"offices": [{"id": "children"}]}), shown({"rows": []}), shown({"custodian": {}})
    )
    public = Public("http://here", "ru", transport=service.transport)
    assert public.offices() == [{"id": "children"}]
    assert public.figures("legs", "2026-01", "2026-02", ["kind", "state"]) == {"rows": []}
    assert public.receives(affected=["child"]) == {"custodian": {}}
    public.close()
    assert dict(service.asked[1].url.params) == {
        "from": "2026-01",
        "to": "2026-02",
        "by": "kind,state",
    }
    assert json.loads(service.asked[2].content) == {"affected": ["child"]}
    assert service.headers("Authorization") == [None] * 3

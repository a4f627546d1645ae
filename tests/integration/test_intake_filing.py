"""Filing over HTTP: durable and repeatable, whatever text people write, in any language."""

import json
from pathlib import Path
from typing import Any

import httpx

from machine import Machine, filing, running
from ombudslink.web.inputs import WORDS
from ombudslink.web.middleware import MOST_BYTES
from person import INTAKE, Person, caught_up, fresh, send

CHILDREN, GENERAL = "children", "human-rights"


def code(answer: httpx.Response) -> str:
    """The code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found: str = answer.json()["code"]
    return found


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """What is wrong, and where."""
    assert (answer.status_code, code(answer)) == (422, "invalid_request"), answer.text
    return [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


async def test_a_person_files_once_however_often_the_request_is_sent(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        # given a filing that was answered
        key = fresh()
        first = await send(machine, "/complaints", filing(), key)
        assert first.status_code == 201
        receipt = first.json()
        assert receipt.keys() == {"reference", "code", "filed", "status"}
        assert first.headers["location"] == receipt["status"]
        assert receipt["status"] == f"{INTAKE}/complaints/{receipt['reference']}"

        # when it is sent again, then the answer is the same to the letter
        assert (await send(machine, "/complaints", filing(), key)).json() == receipt
        # and under the key's other spelling too, for it is a UUID
        upper = {"Idempotency-Key": key["Idempotency-Key"].upper()}
        assert (await send(machine, "/complaints", filing(), upper)).json() == receipt

        # when other words come under that key, then they are refused
        other = await send(machine, "/complaints", filing(text="Басқа сөз."), key)
        assert (other.status_code, code(other)) == (422, "idempotency_key_reused")

        # and a key is compulsory, and a random UUID for who has no other name
        bare = await machine.client.post(f"{INTAKE}/complaints", json=filing())
        assert (bare.status_code, code(bare)) == (400, "idempotency_key_missing")
        guessed = await send(machine, "/complaints", filing(), {"Idempotency-Key": "1"})
        assert (guessed.status_code, code(guessed)) == (400, "idempotency_key_invalid")

    # when the machine is started again, then the answer still is the same
    async with running(tmp_path / "data") as machine:
        assert (await send(machine, "/complaints", filing(), key)).json() == receipt


async def test_what_cannot_be_said_is_refused_in_the_readers_words(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        said = filing(
            subject="dragons",
            affected=["child", "elves"],
            complainant="x",
            body="y",
            place="z",
            addressed="nobody",
            channel="paper",
            received_at="2026-03-01T00:00:00Z",
        )
        answer = await send(machine, "/complaints", said)
        assert faults(answer) == [
            ("/complainant", "unknown_code"),
            ("/subject", "unknown_code"),
            ("/body", "unknown_code"),
            ("/affected/1", "unknown_code"),
            ("/place", "unknown_place"),
            ("/addressed", "unknown_office"),
            ("/channel", "channel_needs_office"),
            ("/received_at", "date_needs_office"),
        ]
        assert "dragons" not in answer.text

        sentences = {}
        for language in ("kk", "ru", "en"):
            reply = await send(
                machine, "/complaints", filing(region="q"), {"Accept-Language": language}
            )
            assert faults(reply) == [("/region", "unknown_code")]
            assert reply.headers["content-language"] == language
            sentences[language] = reply.json()["errors"][0]["detail"]
        assert sentences["kk"] == "Мұндай код анықтамалықта жоқ."
        assert len(set(sentences.values())) == 3

        elsewhere = filing(place="103230100", region="710000000")
        assert faults(await send(machine, "/complaints", elsewhere)) == [
            ("/region", "contradiction")
        ]
        for region in ("100000000", "unknown", None):
            said = filing(place="103230100", region=region)
            assert (await send(machine, "/complaints", said)).status_code == 201
        assert faults(await send(machine, "/complaints", filing(secret="S3CRET"))) == [
            ("", "unknown_field")
        ]
        assert faults(await send(machine, "/complaints", {"language": "kk"})) == [
            ("/who", "missing"),
            ("/text", "missing"),
        ]


HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "'; DROP TABLE event; --",
    "{{7*7}} ${7*7} %s %n {0}",
    "\u202eрекаөт жазу\u202c \u2066x\u2069 \ufeff",
    "😀𐍈" * 100,
    "á́́ жолдар\nекінші\tбаған\r\nүшінші",
    "\ufffe\uffff\u0600",
    "ә" * WORDS,
    "𝔄" * WORDS,
]
REFUSED: list[tuple[str, int, str]] = [
    (r'"a\u0000b"', 422, "control_character"),
    (r'"a\u001bb"', 422, "control_character"),
    (r'"\ud800"', 422, "invalid_text"),
    (r'"\udfff and \ud83d"', 422, "invalid_text"),
    ('"' + "a" * (WORDS + 1) + '"', 422, "too_long"),
    ('"   "', 422, "too_short"),
    ("17", 422, "wrong_type"),
    ("NaN", 422, "wrong_type"),
    ('["a"]', 422, "wrong_type"),
]


async def test_hostile_words_come_back_as_words_or_are_refused(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        await caught_up(machine)
        offices = machine.platform.installation
        for text in HOSTILE:
            # given hostile words, when they are filed
            person = await Person.files(machine, text=text, affected=[], subject="other")
            complaint = await person.complaint()
            await person.until(lambda view: view["registrations"])

            # then who is entitled gets exactly them, and the status holds up
            answer = await machine.client.get(
                f"{INTAKE}/contents/{complaint}", auth=offices.identity(GENERAL, machine.clock)
            )
            assert answer.status_code == 200, answer.text
            assert answer.json()["items"][0]["content"]["text"] == text.strip()

        for literal, status, fault in REFUSED:
            body = '{"language": "kk", "who": {"name": "A"}, "text": %s}' % literal  # noqa: UP031
            answer = await raw(machine, body.encode())
            assert answer.status_code == status, (literal[:20], answer.text)
            assert faults(answer) == [("/text", fault)]
        nameless = filing(who={"name": "two\nlines"})
        assert faults(await send(machine, "/complaints", nameless)) == [
            ("/who/name", "control_character")
        ]


async def raw(machine: Machine, body: bytes, media: str = "application/json") -> httpx.Response:
    """Bytes as they are."""
    return await machine.client.post(
        f"{INTAKE}/complaints", content=body, headers=fresh() | {"Content-Type": media}
    )


async def test_bytes_that_are_no_request_are_refused_with_a_sentence(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        refusals: dict[bytes, tuple[int, str]] = {
            b"": (422, "invalid_request"),
            b"{": (422, "invalid_request"),
            b"null": (422, "invalid_request"),
            b"\xff\xfe": (422, "invalid_request"),
            b"[" * 100_000: (400, "malformed"),
            b'{"text": ' + b"9" * 5000 + b"}": (400, "malformed"),
            b'{"text": "' + b"a" * MOST_BYTES + b'"}': (413, "body_too_large"),
        }
        for body, (status, expected) in refusals.items():
            answer = await raw(machine, body)
            assert (answer.status_code, code(answer)) == (status, expected), body[:20]
        for media in ("text/plain", ""):
            answer = await raw(machine, b'{"a": 1}', media)
            assert (answer.status_code, code(answer)) == (415, "media_type_unknown")
        # and a heap of values is not even looked at one by one
        heaps: dict[bytes, str] = {
            json.dumps(filing(affected=["A!"] * 170_000)).encode(): "too_many",
            json.dumps({f"f{n}": 0 for n in range(74_000)}).encode(): "too_many",
            b'{"who": ' + b"[" * 40 + b"]" * 40 + b"}": "too_deep",
        }
        for body, fault in heaps.items():
            assert faults(await raw(machine, body)) == [("", fault)]


async def test_a_day_on_which_nothing_can_have_come_is_refused(tmp_path: Path) -> None:
    impossible = {
        "2026-03-02T05:00:01Z": "date_ahead",
        "9999-12-31T23:59:59-14:00": "date_ahead",
        "0001-01-01T00:00:00+14:00": "date_too_early",
        "2016-01-01T00:00:00Z": "date_too_early",
        "2026-03-01T00:00:00": "time_zone_missing",
        "yesterday": "wrong_form",
    }
    async with running(tmp_path / "data") as machine:
        office = machine.desk(CHILDREN)
        for moment, fault in impossible.items():
            said = filing(channel="paper", received_at=moment)
            answer = await send(machine, "/complaints", said, office.headers)
            assert faults(answer) == [("/received_at", fault)], moment


async def test_an_office_enters_what_came_on_paper(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        # given a letter that came to the children's commissioner on Friday
        children = machine.desk(CHILDREN)
        key = {"Idempotency-Key": "letter-17"}
        said = filing(channel="paper", received_at="2026-02-27T10:00:00+05:00", addressed=GENERAL)
        answer = await send(machine, "/complaints", said, children.headers | key)
        assert answer.status_code == 201
        receipt = answer.json()

        # then the office learns the complaint's id, the date is the letter's, it keeps it
        assert receipt["filed"] == "2026-02-27T05:00:00.000Z"
        view = await children.until(receipt["complaint"], lambda v: bool(v["registrations"]))
        assert view["custodian"] == CHILDREN
        # and the person sees the same with the receipt that the office gave
        status = await Person(machine, receipt).until(lambda v: v["status"] == "registered")
        assert status["offices"][0]["id"] == CHILDREN
        # and entering it twice is entering it once, while another office's same key is its own
        repeated = await send(machine, "/complaints", said, children.headers | key)
        assert repeated.json() == receipt
        other = await send(machine, "/complaints", said, machine.desk(GENERAL).headers | key)
        assert other.json()["reference"] != receipt["reference"]

        # when somebody shows a key that is none, or that may not file, then nothing is filed
        stranger = {"Authorization": "Bearer omb_children_" + "x" * 43}
        refused = await send(machine, "/complaints", filing(), stranger)
        assert (refused.status_code, code(refused)) == (401, "not_authenticated")
        key = machine.platform.installation.folder.api_key(CHILDREN)
        service = {"Authorization": f"Bearer {key}"}
        refused = await send(machine, "/complaints", filing(), service)
        assert (refused.status_code, code(refused)) == (403, "scope_missing")


async def test_everybody_finds_offices_words_and_places_in_their_language(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:

        async def get(path: str, **headers: str) -> httpx.Response:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await machine.client.get(f"{INTAKE}{path}", headers=named)

        offices = await get("/offices", Accept_Language="ru-KZ,ru;q=0.9")
        assert offices.headers["content-language"] == "ru"
        entries: dict[str, Any] = {one["id"]: one for one in offices.json()["offices"]}
        assert entries.keys() == {CHILDREN, GENERAL, "entrepreneurs", "vulnerable"}
        period = entries[GENERAL]["examination"]
        assert (period["working_days"], period["status"]) == (15, "law")
        assert "рабочих дней" in period["basis"]
        again = await get("/offices", Accept_Language="ru", If_None_Match=offices.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        other = await get("/offices", Accept_Language="kk", If_None_Match=offices.headers["etag"])
        assert other.status_code == 200

        known = (await get("/vocabulary", Accept_Language="kk")).json()
        words, platform = known["words"], known["platform"]
        assert {"code": "child", "label": "Бала (18 жасқа толмаған)"} in words["affected"]
        # the rules' own words are there too, and what nobody may choose stands apart
        court = {"code": "before_court", "label": "Іс сотта қаралуда"}
        assert court in words["rejection_reasons"]
        assert words["referral_kinds"][0]["label"] == "шағымды басқа уәкілге беру"
        assert {one["code"] for one in words["channels"]} >= {"web", "paper", "hotline"}
        assert [one["code"] for one in words["notice_channels"]] == ["post", "telephone"]
        grounds = {one["code"]: one["admissible"] for one in words["admissibility_grounds"]}
        said_of = [grounds[code] for code in ("admissible", "before_court", "other")]
        assert said_of == [True, False, None]
        withdrawn = {"code": "withdrawn", "label": "Өтініш беруші шағымын қайтарып алды"}
        assert withdrawn in platform["outcomes"]
        assert withdrawn not in words["outcomes"]
        assert {one["code"] for one in platform["referral_states"]} >= {"requested", "revoked"}

        found = (await get("/places?q=абай&limit=3", Accept_Language="kk")).json()["places"]
        assert len(found) == 3
        assert found[0] == {
            "code": "100000000",
            "name": "Абай облысы",
            "region": "100000000",
            "region_name": "Абай облысы",
        }
        assert faults(await get("/places?q=")) == [("/query/q", "too_short")]
        assert faults(await get("/places?q=a&limit=51")) == [("/query/limit", "too_large")]
        assert faults(await get("/places?q=a&limits=5")) == [("/query", "unknown_parameter")]


async def test_the_same_in_another_country(tmp_path: Path) -> None:
    async with running(tmp_path / "data", country="es") as machine:
        said = filing(region=None, affected=[], subject="other", body="other", complainant="self")
        person = await Person.files(machine, **said)
        status = await person.until(lambda view: view["registrations"])
        assert status["offices"][0]["id"] in {"andalusia", "catalonia"}

"""The public status over HTTP: true from the filing on, for nobody but who holds the receipt."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import httpx
from sqlalchemy import func, select

from intake import filings
from machine import Machine, eventually, running
from ombudslink.log import HISTORY, Record
from ombudslink.log.memory import MemoryLog
from ombudslink.references import new_reference
from ombudslink.store import vault
from ombudslink.testing.faulty_log import FaultyLog
from person import INTAKE, Person, fresh, send

CHILDREN, GENERAL = "children", "human-rights"


def code(answer: httpx.Response) -> str:
    """The code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found: str = answer.json()["code"]
    return found


async def examined(machine: Machine, person: Person) -> str:
    """The children's commissioner took the complaint and examines it."""
    complaint, children = await person.complaint(), machine.desk(CHILDREN)
    await children.until(complaint, lambda v: v["referrals"][0]["state"] == "received")
    await children.done(complaint, "acceptance", referral=1)
    await children.until(complaint, lambda v: len(v["registrations"]) > 0)
    await children.done(complaint, "examination")
    return complaint


async def test_a_complaint_about_a_child_is_forwarded_by_itself_and_told_in_words(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as machine:
        # given a parent who filed in Kazakh
        person = await Person.files(machine)
        # then the platform has sent it to the children's commissioner, who has received it
        status = await person.until(lambda v: v["registrations"], "kk")
        assert status["status"] == "sent"
        assert status["status_text"].startswith("Жіберілді: Қазақстан Республикасындағы Бала")
        assert [office["id"] for office in status["offices"]] == [CHILDREN]
        assert status["next_date"] == "2026-03-05T18:59:59.000Z"
        routing = status["routing"]
        assert (routing["rule"], routing["certain"]) == ("child", True)
        assert "№ 345-II" in routing["legal_basis_text"]
        (hop,) = status["hops"]
        assert (hop["sender"]["id"], hop["receiver"]["id"]) == (GENERAL, CHILDREN)
        assert hop["reason_text"] == "Мәселе басқа уәкілдің құзыретіне жатады"
        assert hop["state_text"] == "алынды, жауап күтілуде"
        # and only that office registered it: the fallback keeps nothing
        assert [one["office"]["id"] for one in status["registrations"]] == [CHILDREN]

        # when nothing is new, then asking again costs nothing, in that language
        seen = await person.looks(Accept_Language="kk")
        again = await person.looks(Accept_Language="kk", If_None_Match=seen.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        other = await person.looks(Accept_Language="ru", If_None_Match=seen.headers["etag"])
        assert (other.status_code, other.headers["content-language"]) == (200, "ru")
        assert set(other.headers["vary"].split(", ")) == {"Accept-Language", "Authorization"}

        # when the commissioner examines it, then that is new
        await examined(machine, person)
        status = await person.until(lambda v: v["status"] == "being_examined")
        assert status["hops"][0]["state"] == "accepted"
        assert status["turns"][0]["turn"] == "examined"
        changed = await person.looks(Accept_Language="kk", If_None_Match=seen.headers["etag"])
        assert changed.status_code == 200


async def test_a_question_is_asked_and_answered_and_the_decision_comes_as_a_letter(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as machine:
        person = await Person.files(machine)
        # given nobody asked anything, then there is nothing to answer and nothing is kept
        early = await person.says("answers", {"text": "12-мектеп."})
        assert (early.status_code, code(early)) == (409, "no_open_question")
        kept = select(func.count()).select_from(vault.content)
        assert await machine.service("intake").database.query(lambda c: c.scalar(kept)) == 1

        # when the commissioner asks, then the person sees the question
        complaint, children = await examined(machine, person), machine.desk(CHILDREN)
        await children.done(complaint, "questions", {"text": "Қай мектеп?"})
        status = await person.until(lambda v: v["status"] == "waiting_for_you", "kk")
        (question,) = status["letters"]
        assert (question["kind"], question["text"]) == ("question", "Қай мектеп?")
        assert question["office"]["id"] == CHILDREN

        # when the person answers, then the answer is told at once, and repeated without effect
        key = fresh()["Idempotency-Key"]
        said = {"text": "12-мектеп."}
        answer = await person.says("answers", said, Idempotency_Key=key)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert [letter["text"] for letter in told["letters"]] == ["Қай мектеп?", "12-мектеп."]
        assert told["status"] == "being_examined"
        again = await person.says("answers", said, Idempotency_Key=key)
        assert again.status_code == 200
        assert [letter["kind"] for letter in again.json()["letters"]] == ["question", "answer"]
        reused = await person.says("answers", {"text": "Басқа."}, Idempotency_Key=key)
        assert (reused.status_code, code(reused)) == (422, "idempotency_key_reused")

        # when the commissioner decides, then outcome, remedy and letter are there in words
        decision = {"outcome": "well_founded", "remedy": "court", "text": "Мектеп қабылдайды."}
        await children.done(complaint, "decision", decision)
        status = await person.until(lambda v: v["status"] == "answered", "ru")
        assert status["outcome_text"] == "Жалоба признана обоснованной"
        assert status["remedy_text"] == "Обращение в суд"
        assert status["letters"][-1]["text"] == "Мектеп қабылдайды."
        assert status["hops"][0]["ended"] is not None


async def test_a_person_withdraws_and_says_why(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        person = await Person.files(machine)
        unknown = await person.says("withdrawal", {"ground": "boredom"})
        assert unknown.json()["errors"][0]["pointer"] == "/ground"
        assert "boredom" not in unknown.text
        said = {"ground": "settled", "text": "Мектеп өзі қабылдады."}
        key = fresh()["Idempotency-Key"]
        answer = await person.says("withdrawal", said, Idempotency_Key=key, Accept_Language="kk")
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"]
        status = answer.json()
        assert (status["status"], status["outcome"]) == ("closed", "withdrawn")
        assert status["turns"][-1]["ground_text"] == "Мәселе шешілді"
        assert status["letters"][-1]["text"] == "Мектеп өзі қабылдады."
        again = await person.says("withdrawal", said, Idempotency_Key=key)
        assert again.status_code == 200
        # and who withdraws once more changes nothing, and nothing more is kept
        kept = select(func.count()).select_from(vault.content)
        before = await machine.service("intake").database.query(lambda c: c.scalar(kept))
        second = await person.says("withdrawal", said)
        assert (second.status_code, code(second)) == (409, "complaint_not_open")
        assert await machine.service("intake").database.query(lambda c: c.scalar(kept)) == before


async def test_with_the_registrar_away_the_status_is_true_and_everything_happens_later(
    tmp_path: Path,
) -> None:
    log = FaultyLog(MemoryLog())
    async with running(tmp_path / "data", log=log) as machine:
        # given a log that does not answer any more
        log.available = False
        # when a person files and withdraws
        person = await Person.files(machine)
        status = await person.status("kk")
        answer = await person.says("withdrawal", {"ground": "own_wish"}, Prefer="wait=0")

        # then the status is true, and the withdrawal is taken in but not decided
        assert (status["status"], status["version"]) == ("filed", 0)
        assert status["status_text"] == "Шағым қабылданды"
        assert (answer.status_code, answer.json()["result"]) == (202, "pending")
        assert answer.json().keys() == {"command", "type", "result"}
        where = answer.headers["location"]
        asked = await machine.client.get(where, headers=await person.headers())
        assert (asked.status_code, asked.json()) == (200, answer.json())

        # when the log is back, then all of it is decided in order
        log.available = True
        status = await person.until(lambda v: v["status"] == "closed")
        assert [turn["turn"] for turn in status["turns"]] == ["withdrawn"]

        async def accepted() -> bool:
            asked = await machine.client.get(where, headers=await person.headers())
            return bool(asked.json()["result"] == "accepted")

        # the outcome comes by another way than the history, and may come a little later
        await eventually(accepted)


class Late(FaultyLog):
    """A log whose history comes late, when `late` is set; everything else comes in time."""

    late = False

    async def read(
        self, topic: str, partition: int, offset: int, limit: int = 500
    ) -> Sequence[Record]:
        """Records from that offset on, or none yet."""
        return (
            []
            if self.late and topic == HISTORY
            else await super().read(topic, partition, offset, limit)
        )


async def test_what_is_decided_and_not_yet_told_is_not_answered_with_an_old_status(
    tmp_path: Path,
) -> None:
    log = Late(MemoryLog())
    async with running(tmp_path / "data", log=log) as machine:
        person = await Person.files(machine)
        await person.until(lambda v: v["registrations"])
        # given the outcome of a withdrawal comes before the event
        log.late = True
        said = {"ground": "own_wish"}
        answer = await person.says("withdrawal", said, Prefer="wait=1")
        # then it is accepted, and the status to ask for later is not invented
        assert (answer.status_code, answer.json()["result"]) == (202, "accepted")
        assert (await person.status())["status"] == "sent"
        log.late = False
        await person.until(lambda v: v["status"] == "closed")


async def test_a_wrong_reference_and_a_wrong_code_look_the_same(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        person = await Person.files(machine)
        known, right = person.receipt["reference"], person.receipt["code"]
        wrong = "0000 0000 0000 0000 0000"
        answers = [
            await send(machine, "/status-sessions", {"reference": reference, "code": typed})
            for reference, typed in [
                (known, wrong),
                (new_reference(), right),
                (new_reference(), wrong),
                ("no reference at all", right),
                (known, "letters"),
            ]
        ]
        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.content for answer in answers}) == 1
        assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
        assert known not in answers[0].text
        # and what is mistyped in a harmless way opens
        typed = known.lower().replace("-", " ").replace("0", "o")
        shown = {"reference": typed, "code": right.replace(" ", "")}
        assert (await send(machine, "/status-sessions", shown)).status_code == 201


async def test_a_token_is_good_for_one_complaint_and_for_a_quarter_of_an_hour(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as machine:
        mine, other = await Person.files(machine), await Person.files(machine, language="ru")
        headers = await mine.headers()

        async def get(path: str, **changes: str) -> httpx.Response:
            return await machine.client.get(path, headers=headers | changes)

        # another complaint's reference is as unknown as one that nobody has
        answers = [
            await get(other.path),
            await get(f"{INTAKE}/complaints/{new_reference()}"),
            await get(f"{INTAKE}/complaints/x"),
        ]
        assert {(answer.status_code, answer.content) for answer in answers} == {
            (404, answers[0].content)
        }
        act = f"{other.path}/withdrawal"
        said = {"ground": "own_wish"}
        refused = await machine.client.post(act, json=said, headers=headers | fresh())
        assert (refused.status_code, code(refused)) == (404, "no_such_complaint")

        # what another person asked of the platform is unknown too
        command = f"{INTAKE}/commands/{await filed_by(machine, other)}"
        refused = await get(command)
        assert (refused.status_code, code(refused)) == (404, "command_not_found")
        assert (await machine.client.get(command, headers=await other.headers())).is_success
        unknown = await get(f"{INTAKE}/commands/00000000-0000-4000-8000-000000000000")
        assert unknown.content == refused.content

        # no token, or one that is none, opens nothing
        for token, why in {
            "": "not_authenticated",
            "Bearer": "not_authenticated",
            "Basic eDp4": "not_authenticated",
            "Bearer x": "session_expired",
            "Bearer " + "A" * 70: "session_expired",
        }.items():
            bare = await get(mine.path, Authorization=token)
            assert (bare.status_code, code(bare)) == (401, why), token
            assert bare.headers["www-authenticate"] == "Bearer"
        # nor does an office's key
        office = await get(mine.path, **machine.desk(CHILDREN).headers)
        assert office.status_code == 401

        # when a quarter of an hour has passed, then reference and code are asked for again
        assert (await get(mine.path)).status_code == 200
        machine.clock.forward(minutes=15)
        late = await get(mine.path)
        assert (late.status_code, code(late)) == (401, "session_expired")


async def filed_by(machine: Machine, person: Person) -> str:
    """The id of the command by which a complaint was filed."""
    complaint = await person.complaint()
    intake = machine.service("intake").database
    found = await intake.query(partial(filings.by_complaint, complaint=complaint))
    assert found is not None
    return found.command


async def test_two_people_may_choose_the_same_key(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        key = fresh()["Idempotency-Key"]
        for person in (await Person.files(machine), await Person.files(machine)):
            answer = await person.says("withdrawal", {"ground": "settled"}, Idempotency_Key=key)
            assert answer.status_code == 200, answer.text
            told = answer.json()
            assert (told["reference"], told["status"]) == (person.receipt["reference"], "closed")


async def test_no_notice_is_recorded_before_the_status_shows_what_it_says(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        person = await Person.files(machine)
        complaint = await person.complaint()
        children = machine.desk(CHILDREN)

        # when the office's own history says that the person was told of version n
        await children.until(complaint, lambda v: v["version"] >= 5)
        answer = await children.get(f"/complaints/{complaint}/history")
        events = answer.json()["events"]
        told = [e["data"]["about"] for e in events if e["type"] == "ComplainantNotified"]
        assert told
        # then the status has been at n
        assert (await person.status())["version"] >= max(told)
        assert events[told[0] - 1]["type"] == "ReferredTo"

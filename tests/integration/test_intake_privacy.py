"""What a person said stands in the clear nowhere but in answers to who may read it."""

import base64
import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from machine import Machine, eventually, filing, running
from ombudslink.installation import OPERATOR_KEY
from ombudslink.store import vault
from ombudslink.web.access import AccessKeys
from person import INTAKE, Person, fresh, send

CHILDREN = "children"
NAME, CHILD = "Жұлдызай Қонысбаева-Мырзахметқызы", "Нұрсұлтанбек Мырзахметұлы"
NUMBER, TELEPHONE = "880229400761", "+7 701 555 77 33"
ADDRESS, MAIL = "Шахтерлер көшесі 117, 43-пәтер", "zhuldyzai.q@example.org"
STORY = "Директор Бақытгүлдің айтуынша орын жоқ"
QUESTION, ANSWER = "Қай жылдың қыркүйегінде бардыңыз", "Ешқашан естімеген жауап"
DECISION, FAREWELL = "Мектеп директоры кешірім сұрады", "Ренішім тарқады енді"
SAID = (NAME, CHILD, NUMBER, TELEPHONE, ADDRESS, MAIL, STORY, QUESTION, ANSWER, DECISION, FAREWELL)


def planted() -> dict[str, object]:
    """A filing with everything that may point to a person."""
    return filing(
        who={
            "name": NAME,
            "identity_number": NUMBER,
            "telephone": TELEPHONE,
            "address": ADDRESS,
            "email": MAIL,
        },
        for_whom={"name": CHILD, "birth_date": "2018-09-01"},
        ground=f"{NAME}, ана",
        safe_contact={"by": "telephone", "note": TELEPHONE},
        body_name=f"{ADDRESS} мектебі",
        text=f"{STORY}. {NAME}, {NUMBER}.",
    )


def spellings() -> dict[str, bytes]:
    """Everything that was said, in the ways in which programs write text down."""
    found = {}
    for said in SAID:
        found[f"{said} as UTF-8"] = said.encode()
        found[f"{said} escaped"] = json.dumps(said)[1:-1].encode()
        found[f"{said} in UTF-16"] = said.encode("utf-16-le")
        for shift in range(3):
            raw = base64.b64encode(b"\0" * shift + said.encode())
            found[f"{said} in base 64, {shift}"] = raw[4:-4]
    return found


def leaks(where: str, data: bytes) -> list[str]:
    """What of it stands there."""
    return [f"{said} in {where}" for said, spelled in spellings().items() if spelled in data]


async def lives(machine: Machine) -> tuple[str, list[str]]:
    """A complaint from its filing to its withdrawal, and every error on the way."""
    errors = []

    # given a person who files, with mistakes before
    for wrong in (
        {"subject": NUMBER},
        {"text": f"{STORY}\x07"},
        {"who": {"name": NAME, NAME: ADDRESS}},
        {"language": NAME, "region": ADDRESS, "received_at": NUMBER},
        {"text": [STORY, {NAME: NUMBER}]},
    ):
        errors.append((await send(machine, "/complaints", planted() | wrong)).text)
    person = await Person.files(machine, **planted())
    complaint, children = await person.complaint(), machine.desk(CHILDREN)

    # when it is taken, examined, asked about, answered, decided
    await children.until(complaint, lambda v: v["referrals"][0]["state"] == "received")
    await children.done(complaint, "acceptance", referral=1)
    await children.done(complaint, "examination")
    await children.done(complaint, "questions", {"text": QUESTION})
    assert (await person.says("answers", {"text": ANSWER})).status_code == 200
    errors.append((await person.says("answers", {"text": ANSWER})).text)
    errors.append((await person.says("withdrawal", {"ground": "x", "text": NAME})).text)
    decision = {"outcome": "settled", "remedy": "none_needed", "text": DECISION}
    await children.done(complaint, "decision", decision)
    await children.done(complaint, "reopening", {"ground": "new_facts"})
    farewell = {"ground": "settled", "text": FAREWELL}
    assert (await person.says("withdrawal", farewell)).status_code == 200

    # and somebody asks for what does not exist
    for path in (f"/complaints/{NUMBER}", f"/{NUMBER}", f"/places?q={NUMBER}&limit={NUMBER}"):
        errors.append((await machine.client.get(f"{INTAKE}{path}")).text)
    shown = {"reference": NAME, "code": NUMBER}
    errors.append((await send(machine, "/status-sessions", shown)).text)
    return complaint, errors


async def test_nothing_that_a_person_said_stands_anywhere_in_the_clear(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with running(tmp_path / "data") as machine:
        complaint, errors = await lives(machine)
        children = machine.desk(CHILDREN)

        # given who may read it does
        async def copied() -> bool:
            answer = await children.get(f"/complaints/{complaint}/content")
            return all(said in answer.text for said in SAID)

        await eventually(copied)

        # when content does not open any more, then the failure says nothing of it either
        broken = update(vault.content_key).values(wrapped=b"\0" * 60)
        await machine.service("intake").database.write(lambda c: c.execute(broken).rowcount)
        answer = await machine.client.get(
            f"{INTAKE}/contents/{complaint}",
            auth=machine.platform.installation.identity(CHILDREN, machine.clock),
        )
        assert answer.status_code == 500
        errors.append(answer.text)

        # then no error, metric or dead letter has any of it
        now = machine.clock()
        keys = AccessKeys(machine.platform.installation.folder.access)
        key = keys.issue("routing", OPERATOR_KEY, now, now + timedelta(days=1))
        for participant in machine.platform.services:
            place = machine.platform.installation.place(participant)
            metrics = await machine.client.get(
                f"{place}/metrics", headers={"Authorization": f"Bearer {key}"}
            )
            assert metrics.status_code == 200
            assert leaks(f"metrics of {participant}", metrics.content) == []
            dead = await machine.service(participant).database.query(
                lambda c: c.execute(text("SELECT reason FROM parked")).all()
            )
            assert dead == []
        for error in errors:
            assert leaks("an error", error.encode()) == []

        # and no file: neither the log nor a database, with what is not yet written back to them
        found = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
        assert any(complaint.encode() in path.read_bytes() for path in found)
        assert [leak for path in found for leak in leaks(str(path), path.read_bytes())] == []

    # and no line that was logged
    out, err = capfd.readouterr()
    assert "request_failed" in out + err
    assert leaks("the log", (out + err).encode()) == []


async def test_the_code_and_the_token_are_kept_nowhere(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        key = fresh()
        receipt = (await send(machine, "/complaints", filing(), key)).json()
        person = Person(machine, receipt)
        token = (await person.headers())["Authorization"].removeprefix("Bearer ")
        secrets = [receipt["code"], receipt["code"].replace(" ", ""), token]
        assert uuid.UUID(key["Idempotency-Key"])
        for path in (tmp_path / "data").rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                assert not [secret for secret in secrets if secret.encode() in data], path

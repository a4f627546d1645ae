"""Writes the examples of the services' descriptions anew, from what a machine takes and gives.

Run it when a shape with words was changed: `python tests/examples.py`, then review the diff.
"""

import asyncio
import json
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from machine import Desk, Machine, View, eventually, filing, running
from ombudslink.offices import LANGUAGES
from ombudslink.web.problems import Problem, rendered
from person import Person

SERVICES: Final = Path(__file__).parents[1] / "services"
SAID: Final[dict[str, tuple[str, str, str]]] = {
    "who": ("Айгүл Серікқызы", "Айгуль Сериковна", "Aigul Serikkyzy"),
    "school": ("№ 12 мектеп", "Школа № 12", "School No. 12"),
    "filing": (
        "Мектеп балама орын жоқ деп, бірінші сыныпқа қабылдаудан бас тартты.",
        "Школа отказалась принять моего ребёнка в первый класс, потому что мест нет.",
        "The school refused to take my child into the first year because it is full.",
    ),
    "answer": (
        "Құжаттарды мамыр айында тапсырдым.",
        "Документы я подала в мае.",
        "I handed in the documents in May.",
    ),
    "withdrawal": (
        "Мектеп баламды қабылдады.",
        "Школа приняла моего ребёнка.",
        "The school has taken my child.",
    ),
    "question": (
        "Мектепке құжаттарды қашан тапсырдыңыз?",
        "Когда Вы подали документы в школу?",
        "When did you hand in the documents at the school?",
    ),
    "decision": (
        "Құрметті Айгүл Серікқызы! Сіздің шағымыңыз негізді деп танылды.",
        "Уважаемая Айгуль Сериковна! Ваша жалоба признана обоснованной.",
        "Dear Ms Serikkyzy, your complaint was found to be justified.",
    ),
    "result": (
        "Мектеп пен білім басқармасының жауаптары қоса беріледі.",
        "Ответы школы и управления образования прилагаются.",
        "The answers of the school and the education department are attached.",
    ),
    "request": (
        "Мектептегі бірінші сынып орындары туралы мәлімет беріңіз.",
        "Сообщите, сколько мест в первых классах школы.",
        "Please tell us how many places the school has in its first year.",
    ),
    "information": (
        "Мектепте бірінші сыныпта жиырма бес орын бар.",
        "В первых классах школы двадцать пять мест.",
        "The school has twenty-five places in its first year.",
    ),
    "recommendation": (
        "Баланы тұрғылықты жері бойынша мектепке қабылдау ұсынылады.",
        "Рекомендуется принять ребёнка в школу по месту жительства.",
        "It is recommended to take the child into the school of the district.",
    ),
    "terms": (
        "Мектептің қолжетімділігі және баланы қабылдаудан бас тартудың негізділігі тексеріледі.",
        "Проверяются доступность школы и обоснованность отказа в приёме ребёнка.",
        "Whether the school is accessible, and whether the refusal to take the child was lawful.",
    ),
    "evidence": (
        "Мектепке барып тексеру хаттамасы: пандус жоқ.",
        "Протокол выезда в школу: пандуса нет.",
        "The record of a visit to the school: there is no ramp.",
    ),
    "finding": (
        "Мектеп баланы қабылдаудан заңсыз бас тартты.",
        "Школа незаконно отказала в приёме ребёнка.",
        "The school refused the child unlawfully.",
    ),
    "report": (
        "Мектеп баланы заңсыз қабылдамаған; бұл үш уәкілдің бірлескен қорытындысы.",
        "Школа незаконно не приняла ребёнка; таков общий вывод трёх уполномоченных.",
        "The school refused the child unlawfully; that is what the three offices conclude.",
    ),
    "method": (
        "Мектепке барып тексердік, құжаттарды зерделедік, ата-анасымен сөйлестік.",
        "Мы выехали в школу, изучили документы и поговорили с родителями.",
        "We visited the school, studied the documents and spoke with the parents.",
    ),
    "ramp": (
        "Мектепке пандус салынсын.",
        "Построить пандус у школы.",
        "Build a ramp at the school.",
    ),
    "response": (
        "Ұсыныс орындалды: бала мектепке қабылданды.",
        "Рекомендация выполнена: ребёнок принят в школу.",
        "The recommendation was followed: the child was taken into the school.",
    ),
}
FACTS: Final[View] = {
    "complainant": "parent",
    "affected": ["child"],
    "subject": "education",
    "body": "school",
    "region": "710000000",
}
LETTER: Final = "5f0c1c1e-6c0f-4d0a-9c3e-0f6f7d3f2b11"
COMMAND: Final = "b9ff3f2c-20a6-5c26-8f4f-9e4a9f0a8a55"
MINISTRY: Final = "ministry-education"
PLAN: Final[View] = {"invited": ["vulnerable"], "starts": "2026-03-09", "ends": "2026-04-30"}
Shapes = dict[str, dict[str, Any]]


def said(what: str, language: str) -> str:
    """One of the texts in one of the languages."""
    return SAID[what][LANGUAGES.index(language)]


def each(make: Callable[[str], Any]) -> dict[str, Any]:
    """The same in every language."""
    return {language: make(language) for language in LANGUAGES}


def filed(language: str) -> View:
    """A parent's complaint about a child refused schooling."""
    return filing(
        language=language,
        who={"name": said("who", language), "telephone": "+7 700 000 00 00"},
        for_whom={"name": "Damir" if language == "en" else "Дамир", "birth_date": "2018-09-01"},
        safe_contact={"by": "portal"},
        body_name=said("school", language),
        text=said("filing", language),
    )


def reported(language: str) -> View:
    """What the leading office writes for the joint report."""
    return {
        "text": said("report", language),
        "method": said("method", language),
        "recommendations": [{"addressee": MINISTRY, "text": said("ramp", language)}],
    }


def words(what: str, **besides: Any) -> dict[str, Any]:
    """A body with a text, in every language."""
    return each(lambda language: {**besides, "text": said(what, language)})


async def main() -> None:
    """Let things happen on a machine, and write down what was sent and answered."""
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder) / "data") as machine:
            person = await Person.files(machine, **filed("kk"))
            desk = machine.desk("children")
            complaint = await person.complaint()
            await asked(machine, person, desk, complaint)
            write("intake", await of_intake(machine, person))
            write("case_tracking", await of_cases(machine, desk, complaint))
            write("routing", await of_routing(machine))
            write("reporting", await of_reporting(machine, desk))


async def asked(machine: Machine, person: Person, desk: Desk, complaint: str) -> None:
    """The children's office has it and asks the complainant something."""
    await desk.asked(complaint, 1)
    await desk.done(complaint, "acceptance", referral=1)
    await desk.until(complaint, lambda view: view["todo"] == "assess")
    await desk.content(complaint)
    await desk.done(complaint, "admissibility", {"admissible": True, "ground": "admissible"})
    await desk.done(complaint, "examination")
    await desk.done(complaint, "questions", {"text": said("question", "kk")})
    await person.until(lambda status: bool(status["letters"]))


async def of_intake(machine: Machine, person: Person) -> Shapes:
    """What people say and are told."""

    def shortened(name: str, most: int) -> Callable[[View], None]:
        def shorten(view: View) -> None:
            view[name] = view[name][:most]

        return shorten

    def two_kinds(view: View) -> None:
        view["words"] = {kind: view["words"][kind][:2] for kind in ("subjects", "remedies")}
        view["platform"] = {"outcomes": view["platform"]["outcomes"]}

    return {
        "Answer": words("answer"),
        "DirectoryView": await read(machine, "/intake/v1/offices", shortened("offices", 1)),
        "Filing": each(filed),
        "Letter": words("question", letter=LETTER, kind="question"),
        "PlacesView": await read(machine, "/intake/v1/places?q=аста", shortened("places", 1)),
        "StatusView": {language: await person.status(language) for language in LANGUAGES},
        "VocabularyView": await read(machine, "/intake/v1/vocabulary", two_kinds),
        "Withdrawal": words("withdrawal", ground="own_wish"),
    }


async def of_cases(machine: Machine, desk: Desk, complaint: str) -> Shapes:
    """What an office's people say and read."""
    histories = {}
    for language in LANGUAGES:
        answer = await desk.get(
            f"/complaints/{complaint}/history?limit=2", headers={"Accept-Language": language}
        )
        histories[language] = answer.json()

    def refused(language: str) -> View:
        problem = rendered(Problem("not_answered"), language, root="/offices/children")
        return {
            "command": COMMAND,
            "complaint": complaint,
            "type": "CloseComplaint",
            "result": "refused",
            "first_version": None,
            "last_version": None,
            "last_hash": None,
            "code": "not_answered",
            "problem": json.loads(bytes(problem.body)),
        }

    return {
        "Answering": words("decision", outcome="well_founded", remedy="none_needed"),
        "Asking": words("question"),
        "Completing": words("result", result="information_given"),
        "Finishing": words("evidence"),
        "HistoryPage": histories,
        "Informing": words("information", request=1),
        "InspectionHistoryPage": await inspected(machine, desk, complaint),
        "OutcomeView": each(refused),
        "Proposing": words("terms", complaints=[complaint], **PLAN),
        "Recommending": words("recommendation", addressee=MINISTRY),
        "Reporting": each(reported),
        "Requesting": words("request", addressee=MINISTRY),
        "Responding": words("response", recommendation=1, answer="accepted"),
        "Sharing": words("evidence", kind="visit_record"),
        "Writing": words("finding"),
    }


async def inspected(machine: Machine, desk: Desk, complaint: str) -> dict[str, View]:
    """The beginning of the history of a joint inspection of the complaint."""
    proposal = {"complaints": [complaint], **PLAN, "text": said("terms", "kk")}
    headers = {**desk.headers, "Idempotency-Key": str(uuid.uuid4()), "Prefer": "wait=30"}
    answer = await machine.client.post(
        f"/offices/{desk.office}/v1/inspections", json=proposal, headers=headers
    )
    assert answer.status_code == 201, answer.text
    inspection = answer.json()["inspection"]
    pages = {}
    for language in LANGUAGES:
        answer = await desk.get(
            f"/inspections/{inspection}/history?limit=1", headers={"Accept-Language": language}
        )
        pages[language] = answer.json()
    return pages


async def of_routing(machine: Machine) -> Shapes:
    """What the competence rules say."""

    def first(view: View) -> None:
        view["rules"] = view["rules"][:1]

    previews = {}
    for language in LANGUAGES:
        answer = await machine.client.post(
            "/routing/v1/competence/preview", json=FACTS, headers={"Accept-Language": language}
        )
        previews[language] = answer.json()
    return {
        "CompetenceView": await read(machine, "/routing/v1/competence", first),
        "PreviewView": previews,
    }


async def of_reporting(machine: Machine, desk: Desk) -> Shapes:
    """What the figures of one complaint and of one joint inspection are."""
    asked = "/reporting/v1/statistics/{}?from=2026-01&to=2026-12&by={}"
    paths = {
        "InspectionStatistics": asked.format("inspections", "lead,stage"),
        "Statistics": asked.format("complaints", "office,subject"),
    }

    async def counted() -> bool:
        answers = [await machine.client.get(path, headers=desk.headers) for path in paths.values()]
        return all(answer.json()["rows"] for answer in answers)

    await eventually(counted)
    return {
        shape: await read(machine, path, lambda _: None, desk.headers)
        for shape, path in paths.items()
    }


async def read(
    machine: Machine,
    path: str,
    shorten: Callable[[View], None],
    headers: dict[str, str] | None = None,
) -> dict[str, View]:
    """What is answered there in every language, shortened."""
    found = {}
    for language in LANGUAGES:
        wanted = {"Accept-Language": language, **(headers or {})}
        answer = await machine.client.get(path, headers=wanted)
        assert answer.status_code == 200, answer.text
        found[language] = answer.json()
        shorten(found[language])
    return found


def write(package: str, shapes: Shapes) -> None:
    """Put them beside the service's code."""
    (where,) = SERVICES.glob(f"*/src/{package}")
    text = json.dumps(shapes, ensure_ascii=False, indent=1)
    (where / "examples.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())

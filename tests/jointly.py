"""Offices in joint inspections, over HTTP."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx

from machine import Desk, Machine, View, eventually

CONSENT = {"purpose": "joint_inspection", "channel": "telephone"}
TERMS = {"starts": "2026-03-09", "ends": "2026-04-30", "text": "Мектепке қолжетімділік."}
REPORT: View = {
    "text": "Мектеп баланың құқығын бұзған.",
    "method": "Мектепке барып, құжаттарды зерделедік.",
    "recommendations": [
        {"addressee": "ministry-education", "text": "Пандус салынсын."},
        {"addressee": "vulnerable", "text": "Орындалуын қадағалау."},
    ],
}


class Party:
    """One office's people in joint inspections."""

    def __init__(self, machine: Machine, office: str) -> None:
        self.desk: Desk = machine.desk(office)
        self.office = office
        self._machine = machine

    async def complaint(self, *, consent: bool = True, **said: Any) -> str:
        """A complaint of a child with a disability, taken over by this office."""
        complaint = await self.desk.accepted(**{"affected": ["child", "disability"], **said})
        if consent:
            await self.desk.done(complaint, "consent", CONSENT)
        return complaint

    async def post(
        self, path: str, said: View | None, *, key: str | None = None, **options: Any
    ) -> httpx.Response:
        """Post something that nobody has before."""
        sent = {**self.desk.headers, "Prefer": "wait=30", **options.pop("headers", {})}
        sent["Idempotency-Key"] = key or str(uuid.uuid4())
        url = f"/offices/{self.office}/v1{path}"
        return await self._machine.client.post(url, headers=sent, json=said, **options)

    async def proposes(self, *complaints: str, invited: tuple[str, ...] = ()) -> str:
        """Propose, which must be allowed; the inspection's id."""
        said = {"complaints": complaints, "invited": invited, **TERMS}
        answer = await self.post("/inspections", said)
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"].endswith(answer.json()["inspection"])
        return str(answer.json()["inspection"])

    async def act(
        self, inspection: str, act: str, said: View | None = None, *, seen: str | None = None
    ) -> httpx.Response:
        """Do it on what was seen, or else on how it is now, looking again while that changes."""
        path = f"/inspections/{inspection}"
        while True:
            tag = seen or (await self.desk.get(path)).headers["etag"]
            answer = await self.post(f"{path}/{act}", said, headers={"If-Match": tag})
            if seen or answer.status_code != httpx.codes.PRECONDITION_FAILED:
                return answer

    async def does(self, inspection: str, act: str, said: View | None = None) -> View:
        """Do something that must be allowed; the inspection as it is then."""
        answer = await self.act(inspection, act, said)
        assert answer.status_code == 200, f"{act}: {answer.text}"
        view: View = answer.json()
        return view

    async def refused(self, inspection: str, act: str, said: View | None = None) -> str:
        """Do something that must be refused; the code of the refusal."""
        answer = await self.act(inspection, act, said)
        assert answer.status_code in (403, 404, 409), answer.text
        return str(answer.json()["code"])

    async def until(self, inspection: str, holds: Callable[[View], object]) -> View:
        """The inspection once that holds here."""
        latest: View = {}

        async def reached() -> bool:
            nonlocal latest
            answer = await self.desk.get(f"/inspections/{inspection}")
            latest = answer.json()
            return answer.status_code == 200 and bool(holds(latest))

        await eventually(reached, lambda: str(latest))
        return latest

    async def reads(self, inspection: str) -> dict[str, list[str]]:
        """The texts that this office has, by their kind, once all is copied."""
        latest: View = {}

        async def complete() -> bool:
            nonlocal latest
            answer = await self.desk.get(f"/inspections/{inspection}/content")
            latest = answer.json()
            return answer.status_code == 200 and bool(latest["complete"])

        await eventually(complete, lambda: str(latest))
        texts: dict[str, list[str]] = {}
        for item in latest["items"]:
            texts.setdefault(item["kind"], []).append(item["content"]["text"])
        return texts


def settled(view: View) -> bool:
    """Every complaint has answered."""
    return all(one["answer"] != "waiting" for one in view["complaints"])


def may(act: str) -> Callable[[View], bool]:
    """The reader may do that now."""
    return lambda view: act in view["acts"]


async def opened(lead: Party, *parties: Party, complaint: str | None = None) -> tuple[str, str]:
    """An inspection that is open, with the complaint in it, led by an office that others join."""
    complaint = complaint or await lead.complaint()
    inspection = await lead.proposes(complaint, invited=tuple(p.office for p in parties))
    await lead.until(inspection, lambda view: len(view["parties"]) > 1 and settled(view))
    for party in parties:
        await party.until(inspection, may("joining"))
        await party.does(inspection, "joining")
    await lead.until(inspection, may("opening"))
    await lead.does(inspection, "opening")
    return inspection, complaint

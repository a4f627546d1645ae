"""Who would receive a complaint, as the competence rules say it, asked before it is filed."""

import asyncio
from typing import Final

import httpx
from pydantic import BaseModel, ValidationError

from intake.filing import Filing
from ombudslink.runtime.service import Setting

PATIENCE: Final = 2.0
"""Seconds after which the page is shown without it."""


class Named(BaseModel):
    """A code in the reader's words."""

    code: str
    text: str


class Preview(BaseModel):
    """What routing answers (`POST /v1/competence/preview`)."""

    office: Named
    custodian: Named
    certain: bool
    because: dict[str, list[Named]]
    legal_basis: Named
    alternatives: list[Named]
    excluded: Named | None

    @property
    def receiver(self) -> Named:
        """Who has to act first."""
        return self.office if self.certain else self.custodian


async def foreseen(setting: Setting, filing: Filing, language: str) -> Preview | None:
    """Who would receive it, or None when that cannot be known now. Only codes are sent."""
    region = filing.region
    if filing.place is not None:
        region = setting.vocabulary.region_of(filing.place)
    facts = {
        "complainant": filing.complainant,
        "affected": filing.affected,
        "subject": filing.subject,
        "body": filing.body,
        "region": region or "unknown",
    }
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await setting.registrar.post(
                "/v1/competence/preview", json=facts, headers={"Accept-Language": language}
            )
        answer.raise_for_status()
        return Preview.model_validate_json(answer.content)
    except (TimeoutError, httpx.HTTPError, ValidationError):
        return None

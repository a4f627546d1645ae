"""The story in the README: one complaint's way, with the programs that people use."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e.officer import Officer
from e2e.process import Running, ombudslink, running, told, until


@dataclass(frozen=True)
class Country:
    """Where the story plays: who keeps the complaint first, and who is competent for it."""

    code: str
    region: str
    first: str
    competent: str
    answered: str


COUNTRIES = [
    Country("kz", "710000000", "human-rights", "children", "Жауап берілді"),
    Country("es", "catalonia", "andalusia", "catalonia", "Жауап берілді"),
]


def file(data: Path, platform: Running, country: Country) -> dict[str, str]:
    receipt: dict[str, str] = told(
        data,
        "file",
        *("--at", platform.address, "--language", "kk", "--region", country.region),
        *("--name", "Айгүл Серікқызы", "--for-whom", "Дамир", "--complainant", "parent"),
        *("--affected", "child", "--subject", "education", "--body", "school"),
        *("--text", "Мектеп балама орын жоқ деп, бірінші сыныпқа қабылдаудан бас тартты."),
    )
    return receipt


def status(data: Path, platform: Running, receipt: dict[str, str]) -> str:
    shown = ombudslink(
        data,
        *("status", receipt["reference"], "--at", platform.address, "--language", "kk"),
        OMBUDSLINK_CODE=receipt["code"],
    )
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.code)
def test_a_childs_complaint_is_forwarded_accepted_answered_and_followed(
    country: Country, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with running(data, "run", "--country", country.code) as platform:
        # Given a complaint in Kazakh, which the platform forwards by itself
        receipt = file(data, platform, country)
        officer = Officer(platform, country.competent)
        complaint = until(lambda: officer.find(todo="answer_referral"))
        assert "растау күтілуде" in status(data, platform, receipt)

        # When the competent office accepts it, reads it, examines and answers it
        view = officer.act(complaint, "referrals/1/acceptance")
        assert view["custodian"] == country.competent
        until(lambda: "examination" in officer.view(complaint)["acts"])
        content = until(lambda: officer.content(complaint))
        assert "бірінші сыныпқа" in content
        officer.act(complaint, "examination")
        answer = {"outcome": "settled", "remedy": "none_needed", "text": "Бала қабылданды."}
        assert officer.act(complaint, "decision", answer)["phase"] == "answered"

        # Then the complainant reads it, and every store that holds it holds the same
        shown = until(lambda: answered(status(data, platform, receipt), country))
        assert "Бала қабылданды." in shown
        assert ombudslink(data, "verify", "--wait", "20").returncode == 0
        events = told(data, "story", receipt["reference"])["events"]
        types = [event["type"] for event in events]
        assert types[:3] == ["ComplaintFiled", "RoutingDecided", "ReferredTo"]
        assert {"ReferralReceived", "ReferralAccepted", "ComplaintRegistered"} < set(types)
        assert "DecisionIssued" in types
        holders = {country.first, country.competent, "intake", "reporting", "routing"}
        held = [{p for p, holds in event["held_by"].items() if holds} for event in events]
        assert all(one == holders for one in held)
        before = told(data, "history", receipt["reference"])
        platform.stop()

    # And when it is stopped and started again, nothing is lost and no new keys are made
    with running(data) as again:
        assert again.keys == {}
        again.keys = platform.keys
        assert answered(status(data, again, receipt), country)
        assert told(data, "history", receipt["reference"]) == before
        assert Officer(again, country.competent).act(complaint, "closing")["phase"] == "closed"
        assert ombudslink(data, "verify", "--wait", "20").returncode == 0


def answered(shown: str, country: Country) -> str | None:
    return shown if f"Жай-күйі: {country.answered}" in shown else None

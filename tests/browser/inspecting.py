"""Two offices that inspect together, with words that do not fit on a line."""

from e2e.officer import Officer
from e2e.process import Running, until
from machine import filing
from ombudslink.client import Person

LONG = "Шағымданушыныңөтеұзынсөзібосорынсыз" * 6
LEAD, PARTY = "children", "vulnerable"
TERMS = {
    "starts": "2026-12-01",
    "ends": "2027-02-15",
    "text": f"Мектептерге қолжетімділік.\n{LONG}",
}
REPORT = {
    "text": f"Мектеп баланың құқығын бұзды.\n{LONG}",
    "method": f"Мектепке бардық.\n{LONG}",
    "recommendations": [{"addressee": PARTY, "text": f"Пандусты тексеру.\n{LONG}"}],
}


class Together:
    """A complaint that both examine, led by the office that has it."""

    def __init__(self, platform: Running) -> None:
        self.receipt = Person(platform.address).file(filing(affected=["child", "disability"]))
        officer = Officer(platform, LEAD)
        self.lead, self.party = officer.office, Officer(platform, PARTY).office
        self.complaint = until(lambda: officer.find(todo="answer_referral"))
        officer.act(self.complaint, "referrals/1/acceptance")
        until(lambda: "consent" in officer.view(self.complaint)["acts"])
        consent = {"purpose": "joint_inspection", "channel": "telephone"}
        officer.act(self.complaint, "consent", consent)
        proposal = {"complaints": [self.complaint], **TERMS}
        self.inspection = str(self.lead.propose(proposal).view["inspection"])
        until(self._asked)

    def _asked(self) -> bool:
        found = self.party.inspections(todo="answer_invitation")
        return any(entry["inspection"] == self.inspection for entry in found)

    def works(self) -> None:
        """Everything up to a dissent."""
        lead, party, inspection = self.lead, self.party, self.inspection
        party.act_jointly(inspection, "joining")
        lead.until_jointly(inspection, lambda v: v["todo"] == "open")
        lead.act_jointly(inspection, "opening")
        task = {"office": PARTY, "kind": "visit", "due": "2026-12-18"}
        lead.act_jointly(inspection, "tasks", task)
        lead.act_jointly(inspection, "tasks", {**task, "office": LEAD})
        party.until_jointly(inspection, lambda v: v["tasks"])
        party.act_jointly(inspection, "completion", {"text": LONG}, task=1)
        party.act_jointly(inspection, "evidence", {"kind": "visit_record", "text": LONG})
        lead.until_jointly(inspection, lambda v: v["evidence"])
        for _ in range(2):
            lead.act_jointly(inspection, "findings", {"text": LONG})
        lead.act_jointly(inspection, "agreement", finding=1)
        party.until_jointly(inspection, lambda v: len(v["findings"]) > 1)
        party.act_jointly(inspection, "dissent", {"text": LONG}, finding=1)
        lead.until_jointly(inspection, lambda v: len(v["findings"][0]["votes"]) > 1)

    def reports(self) -> None:
        """The report, signed by one of the two."""
        lead, party, inspection = self.lead, self.party, self.inspection
        lead.act_jointly(inspection, "agreement", finding=2)
        party.act_jointly(inspection, "agreement", finding=2)
        lead.until_jointly(inspection, lambda v: "report" in v["acts"])
        issued = lead.act_jointly(inspection, "report", REPORT).view
        lead.act_jointly(inspection, "signature", {"digest": issued["report"]["digest"]})
        until(lambda: lead.inspection_content(inspection)["complete"])

"""How one history went, by its own reading of the events: custodian, referrals, who may read it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Fault = tuple[str, str]
"""The invariant, and what is wrong."""

_ENDS = {
    "ReferralRejected": "rejected",
    "ReferralRedirected": "redirected",
    "ReferralExpired": "expired",
    "ReferralRevoked": "revoked",
    "ReferralReturnRequested": "return_requested",
    "ReturnRefused": "accepted",
    "ReferralCompleted": "completed",
}


@dataclass
class Passing:
    """A referral. `waits` is as long as nobody answered it."""

    transfer: bool
    sender: str
    receiver: str
    state: str = "pending"

    @property
    def waits(self) -> bool:
        return self.state == "pending"


@dataclass
class Course:
    """One complaint's or inspection's history as far as it was told."""

    version: int = 0
    custodian: str = ""
    complained: set[str] = field(default_factory=set)
    parties: set[str] = field(default_factory=set)
    passings: dict[int, Passing] = field(default_factory=dict)
    reach: dict[str, int] = field(default_factory=dict)
    """Up to which version each office may have read it."""
    moves: list[int] = field(default_factory=list)
    notices: list[int] = field(default_factory=list)

    def goes_on(self, event: dict[str, Any]) -> list[Fault]:
        """Take one more event; returns what must not be."""
        self.version += 1
        before = self.parties - self.complained
        custodian = self.custodian
        faults = list(self._apply(event["type"], event["data"], event["author"]))
        if custodian and custodian != self.custodian:
            self.moves.append(self.version)
        readers = self.parties - self.complained
        for office in readers | ({event["author"]} & before):
            self.reach[office] = self.version
        if self.custodian in self.complained:
            faults.append(("invariant 12", "the office complained of is custodian"))
        if sum(one.transfer and one.waits for one in self.passings.values()) > 1:
            faults.append(("invariant 2", "two transfers wait for an answer"))
        return faults

    def _apply(self, type_: str, data: dict[str, Any], author: str) -> Iterator[Fault]:
        if (type_ in ("ComplaintFiled", "JointInspectionProposed")) != (self.version == 1):
            yield "invariant 8", f"{type_} as event {self.version}"
        match type_:
            case "ComplaintFiled":
                self.custodian = data["custodian"]
                self.complained |= {data["complained_office"]} - {None}
                self.parties = {self.custodian}
            case "ReferredTo":
                yield from self._refer(data)
            case "ReferralAccepted" | "ReferralReturned":
                yield from self._pass(type_, data)
            case "CompetenceDisputed":
                self.parties.add(data["arbiter"])
            case "CompetenceDetermined":
                self.custodian = data["office"]
                self.parties.add(self.custodian)
            case "ExaminationStarted" | "DecisionIssued":
                if data["office"] != self.custodian:
                    yield "invariant 1", f"{data['office']} acts as a second custodian"
            case "ComplainantNotified":
                if author == "intake":
                    self.notices.append(data["about"])
            case "InspectionPartyAdmitted" | "JointPartyInvited" | "JointPartyJoined":
                self.parties.add(data["office"])
            case "JointInspectionProposed":
                self.parties.add(data["lead"])
            case "JointPartyDeclined" | "JointPartyWithdrew":
                self.parties.discard(data["office"])
            case "JointComplaintEntered" | "JointComplaintRefused" | "JointComplaintLeft":
                self.complained |= {data.get("complained_office")} - {None}
            case _ if type_ in _ENDS and data["referral"] in self.passings:
                self.passings[data["referral"]].state = _ENDS[type_]

    def _refer(self, data: dict[str, Any]) -> Iterator[Fault]:
        one = Passing(data["kind"] == "transfer", data["sender"], data["receiver"])
        if one.transfer and one.sender != self.custodian:
            yield "invariant 1", f"{one.sender} gives away what it does not have"
        if one.receiver in self.complained:
            yield "invariant 12", "the office complained of is asked"
        self.passings[data["referral"]] = one
        self.parties.add(one.receiver)

    def _pass(self, type_: str, data: dict[str, Any]) -> Iterator[Fault]:
        """An acceptance or a return: who has it then is who should."""
        one = self.passings.get(data["referral"])
        accepted = type_ == "ReferralAccepted"
        if one is None or one.state != ("pending" if accepted else "return_requested"):
            yield "invariant 1", f"{type_} of a referral that does not wait for it"
        else:
            one.state = "accepted" if accepted else "returned"
            keeper = one.receiver if accepted else one.sender
            if data["custodian"] != (keeper if one.transfer else self.custodian):
                yield "invariant 1", f"{data['custodian']} becomes a second custodian"
        self.custodian = data["custodian"]
        self.parties.add(self.custodian)

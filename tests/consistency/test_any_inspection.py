"""The same deployments when there is much joint work: it goes on although everything fails."""

from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from consistency.life import Life, life, numbers
from consistency.test_any_deployment import LIVES, AnyDeployment, perhaps
from consistency.test_any_deployment import TestAnyDeployment as _Any
from consistency.world import OFFICES
from ombudslink import commands as c
from ombudslink import inspection_commands as ic
from ombudslink.commands import Command, Order
from ombudslink.inspection import Inspection, Stage
from ombudslink.testing.builders import content
from ombudslink.testing.country import INTAKE
from ombudslink.testing.inspections import issuing, signing
from ombudslink.values import Channel

CONSENT: Final = c.RecordConsent(purpose="joint_inspection", channel=Channel.PORTAL)
NO_CONSENT: Final = c.WithdrawConsent(purpose="joint_inspection")
guests = st.sets(numbers, max_size=len(OFFICES) - 1)


class AnyInspection(AnyDeployment):
    """Two to eight offices that work together as far as what happens meanwhile allows it."""

    fewest, most = 2, len(OFFICES)

    @initialize(
        seed=st.integers(0, 2**16),
        more=numbers,
        about=perhaps,
        invited=guests,
        then=life,
        after=life,
    )
    def a_deployment_with_one_complaint(  # type: ignore[override]
        self, seed: int, more: int, about: int | None, invited: set[int], then: Life, after: Life
    ) -> None:
        """It begins with an inspection of two complaints, one of which may be about an office."""
        self._begin(seed, hop_limit=2, consent=True, more=more)
        self._file((), None)
        self._file(("entrepreneur",), about)
        self._taken(0)
        self._taken(1)
        self._examine(tuple(self.streams), invited, then, after)

    @rule(which=numbers, invited=guests, then=life, after=life)
    def an_inspection_begins(self, which: int, invited: set[int], then: Life, after: Life) -> None:
        """Settled who has the complaint, agreed to, proposed, joined by all and opened."""
        self._taken(which)
        self._examine((self._stream(which),), invited, then, after)

    @rule(which=numbers, dissent=numbers, then=life, after=life)
    def findings_are_voted_on(self, which: int, dissent: int, then: Life, after: Life) -> None:
        """One party drafts one, all agree but perhaps one, while others act."""
        stream, state = self._open(which)
        self._say(state.lead, stream, ic.DraftFindings(content=content(42)))
        self._go_on(then)
        self._vote(stream, dissent)
        self._go_on(after)

    @rule(which=numbers, dissent=numbers, then=life, after=life)
    def it_is_reported(self, which: int, dissent: int, then: Life, after: Life) -> None:
        """The lead issues the report, each party signs it; meanwhile a complaint may leave."""
        stream, state = self._open(which)
        if not state.findings:
            self._say(state.lead, stream, ic.DraftFindings(content=content(42)))
        self._vote(stream, dissent)
        now = self.world.registrar.inspection(stream)
        self._say(state.lead, stream, issuing(now.version))
        self._go_on(then)
        for office in now.joined:
            self._say(office, stream, signing(office))
        self._say(state.lead, stream, ic.CloseInspection(outcome="joint-report"))
        self._go_on(after)

    @rule(which=numbers, then=life)
    def a_complainant_takes_the_consent_back(self, which: int, then: Life) -> None:
        """At any moment of an inspection, or before it."""
        self._ask(Order(NO_CONSENT, INTAKE, self.world.time.now), self._stream(which), None)
        self._go_on(then)

    def _taken(self, which: int) -> None:
        """It is settled who has it, and the complainant agrees."""
        self._all_move()
        stream = self._stream(which)
        transfer = self.world.registrar.state(stream).pending_transfer()
        if transfer is not None:
            self._say(transfer.receiver, stream, c.AcceptReferral(referral=transfer.number))
        self._say(INTAKE, stream, CONSENT)

    def _examine(
        self, complaints: tuple[str, ...], invited: set[int], then: Life, after: Life
    ) -> None:
        """Proposed by a custodian, joined by who is asked, and opened."""
        lead = self.world.registrar.state(complaints[0]).custodian or self.offices[0]
        proposed = self._propose(complaints, invited, lead)
        self._all_move()
        self._go_on(then)
        if proposed:
            for party in self.world.registrar.inspection(proposed).parties:
                self._say(party.office, proposed, ic.JoinInspection())
            self._say(lead, proposed, ic.OpenInspection())
        self._go_on(after)

    def _vote(self, stream: str, dissent: int) -> None:
        """All that have not voted agree to everything, but for perhaps one."""
        state = self.world.registrar.inspection(stream)
        dissenter = dissent % (len(state.joined) + 1)
        for finding in state.findings:
            for number, office in enumerate(state.joined):
                vote: Command = ic.AgreeFindings(finding=finding.number)
                if number == dissenter:
                    vote = ic.RecordDissent(finding=finding.number, content=content(43))
                if finding.vote(office) is None:
                    self._say(office, stream, vote)

    def _open(self, which: int) -> tuple[str, Inspection]:
        """One of the inspections, an open one if there is any."""
        known = {s: self.world.registrar.inspection(s) for s in self.inspections}
        running = [stream for stream in known if known[stream].stage is Stage.OPEN]
        chosen = (running or self.inspections)[which % len(running or self.inspections)]
        return chosen, known[chosen]

    def _say(self, office: str, stream: str, command: Command) -> None:
        """An office acts, and all learn of it if they can."""
        self._ask(Order(command, office, self.world.time.now), stream, None)
        self._all_move()

    def _all_move(self) -> None:
        for _ in range(3):
            self.world.move_all()


TestAnyInspection = AnyInspection.TestCase
TestAnyInspection.settings = settings(
    _Any.settings, max_examples=max(LIVES * 3 // 4, 1), stateful_step_count=12
)
del _Any

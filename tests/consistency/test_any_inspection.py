"""The same deployments when there is much joint work: it goes on although everything fails."""

from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from consistency.life import Life, life, numbers
from consistency.test_any_deployment import LIVES, AnyDeployment
from consistency.test_any_deployment import TestAnyDeployment as _Any
from consistency.world import OFFICES
from ombudslink import commands as c
from ombudslink import inspection_commands as ic
from ombudslink.commands import Command, Order
from ombudslink.testing.country import INTAKE
from ombudslink.values import Channel

CONSENT: Final = c.RecordConsent(purpose="joint_inspection", channel=Channel.PORTAL)


class AnyInspection(AnyDeployment):
    """Offices that work together as far as what happens meanwhile allows it."""

    @rule(which=numbers, invited=st.sets(st.sampled_from(OFFICES)), then=life, after=life)
    def an_inspection_begins(self, which: int, invited: set[str], then: Life, after: Life) -> None:
        """Settled who has the complaint, agreed to, proposed, joined by all and opened."""
        self._all_move()
        stream = self._stream(which)
        transfer = self.world.registrar.state(stream).pending_transfer()
        if transfer is not None:
            self._say(transfer.receiver, stream, c.AcceptReferral(referral=transfer.number))
        self._say(INTAKE, stream, CONSENT)
        lead = self.world.registrar.state(stream).custodian or OFFICES[0]
        proposed = self._propose((stream,), invited, lead)
        self._all_move()
        self._go_on(then)
        if proposed:
            for office in sorted({*OFFICES} - {lead}):
                self._say(office, proposed, ic.JoinInspection())
            self._say(lead, proposed, ic.OpenInspection())
        self._go_on(after)

    def _say(self, office: str, stream: str, command: Command) -> None:
        """An office acts, and all learn of it if they can."""
        self._ask(Order(command, office, self.world.time.now), stream, None)
        self._all_move()

    def _all_move(self) -> None:
        for _ in range(3):
            self.world.move_all()


TestAnyInspection = AnyInspection.TestCase
TestAnyInspection.settings = settings(_Any.settings, max_examples=max(LIVES // 2, 1))
del _Any

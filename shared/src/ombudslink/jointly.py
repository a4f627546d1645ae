"""A complaint's part in a joint inspection, as a part of its state (see `complaint`)."""

from dataclasses import dataclass, replace

from ombudslink.values import Id, ParticipantId


@dataclass(frozen=True, slots=True)
class JointWork:
    """The inspection that the complaint takes part in.

    `offices` joined it and are party to the complaint; `released` left it and do not come back.
    """

    inspection: Id
    lead: ParticipantId
    offices: frozenset[ParticipantId] = frozenset()
    released: frozenset[ParticipantId] = frozenset()
    started: bool = False

    @property
    def examining(self) -> frozenset[ParticipantId]:
        """The offices that examine the complaint together now."""
        return self.offices if self.started else frozenset()


def admitted(work: JointWork, office: ParticipantId) -> JointWork:
    """The work once that office takes part, too."""
    return replace(work, offices=work.offices | {office})


def released(work: JointWork, office: ParticipantId) -> JointWork:
    """The work once that office has left."""
    return replace(work, offices=work.offices - {office}, released=work.released | {office})


def started(work: JointWork) -> JointWork:
    """The work once the joint examination runs."""
    return replace(work, started=True)

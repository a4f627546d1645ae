"""A complaint as an office has it: what became of each referral, and what was named instead."""

import pytest

from case_tracking.ends import EndView
from case_tracking.views import Reader, ReferralView, complaint_view
from ombudslink import commands as c
from ombudslink.complaint import Complaint, fold
from ombudslink.testing import builders as b
from ombudslink.testing.builders import Orders, order
from ombudslink.testing.country import CHILDREN, GENERAL, HELP, MONDAY, POLICY, TRANSFER
from ombudslink.testing.histories import told
from ombudslink.values import RejectionReason


def referral(orders: Orders) -> ReferralView:
    """The first referral after those orders, as its sender sees it."""
    history = [one.envelope for one in told(orders)]
    state = fold(((one.event, one.author) for one in history), Complaint())
    return complaint_view(history, state, Reader(GENERAL, MONDAY, POLICY)).referrals[0]


def rejected(**said: str) -> Orders:
    """Rejected with those words."""
    reject = c.RejectReferral.model_validate({"referral": 1, **said})
    return (*b.received(TRANSFER), order(reject, CHILDREN))


ENDS = {
    "for the sake of competence": (
        rejected(reason="subject_not_competent", suggested_office="vulnerable"),
        {"reason": RejectionReason.SUBJECT_NOT_COMPETENT, "suggested_office": "vulnerable"},
    ),
    "for another body": (
        rejected(reason="subject_not_competent", suggested_body="court"),
        {"reason": RejectionReason.SUBJECT_NOT_COMPETENT, "suggested_body": "court"},
    ),
    "with a remedy": (
        rejected(reason="before_court", remedy="court"),
        {"reason": RejectionReason.BEFORE_COURT, "remedy": "court"},
    ),
    "redirected": (b.redirected(TRANSFER), {"reason": "disability"}),
    "revoked": (b.revoked(TRANSFER), {"reason": "sent-by-mistake"}),
    "returned": (b.returned(TRANSFER), {"reason": "agreed"}),
    "helped": (b.completed(HELP), {"result": "expertise-given"}),
    "decided": (b.completed(TRANSFER), {}),
}


@pytest.mark.parametrize(("orders", "end"), ENDS.values(), ids=ENDS.keys())
def test_a_referral_tells_how_it_ended_and_what_was_named_instead(
    orders: Orders, end: dict[str, str]
) -> None:
    shown = referral(orders).end
    assert shown is not None
    assert shown == EndView.model_validate({"at": shown.at, **end})


@pytest.mark.parametrize("orders", [b.received(TRANSFER), b.accepted(TRANSFER)])
def test_a_referral_that_stands_has_no_end(orders: Orders) -> None:
    assert referral(orders).end is None


def test_who_has_to_answer_a_return_sees_why_it_is_wanted() -> None:
    asked = referral(b.return_requested(TRANSFER))
    assert (asked.end, asked.return_reason) == (None, "not-competent")
    assert referral(b.returned(TRANSFER)).return_reason == "not-competent"
    assert referral(b.accepted(TRANSFER)).return_reason is None

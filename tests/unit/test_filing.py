"""Filing, registering and routing a complaint."""

from datetime import date

import pytest

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.complaint import Phase
from ombudslink.testing.builders import content, filed, filing, forwarded, kept, registered, routing
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    EXAMINATION_END,
    EXAMINATION_WARNING,
    GENERAL,
    INTAKE,
    LEG_END,
    LEG_WARNING,
    MONDAY,
    OFFICES,
    POLICY,
    REGISTRAR,
    TRANSFER,
    moment,
)
from ombudslink.testing.spec import given, play
from ombudslink.values import Channel, Clock


def test_a_complaint_addressed_to_nobody_is_kept_by_the_fallback_office() -> None:
    given().when(filing(), by=INTAKE).then(
        e.ComplaintFiled(
            channel=Channel.WEB,
            custodian=GENERAL,
            complainant="parent",
            affected=("child",),
            subject="education",
            body="school",
            region="710000000",
            language="kk",
            filed_at=MONDAY,
            content=content(),
        )
    )


def test_the_addressed_office_is_custodian() -> None:
    assert play(*filed(addressed=CHILDREN)).custodian == CHILDREN


def test_the_office_that_took_a_complaint_on_paper_is_custodian_whomever_it_addresses() -> None:
    on_paper = filed(channel=Channel.PAPER, received_by=ENTREPRENEURS, addressed=CHILDREN)
    assert play(*on_paper).custodian == ENTREPRENEURS


def test_a_complaint_about_the_addressed_office_goes_to_the_fallback() -> None:
    assert play(*filed(addressed=CHILDREN, complained_office=CHILDREN)).custodian == GENERAL


def test_a_complaint_about_the_fallback_office_goes_to_another_one() -> None:
    assert play(*filed(complained_office=GENERAL)).custodian == CHILDREN


@pytest.mark.parametrize("about", [None, *OFFICES, "not-an-office"])
@pytest.mark.parametrize("addressed", [None, *OFFICES, "not-an-office"])
def test_filing_is_never_refused_and_always_finds_a_custodian(
    about: str | None, addressed: str | None
) -> None:
    state = play(*filed(addressed=addressed, complained_office=about))
    assert state.custodian in OFFICES
    assert state.custodian != about
    assert state.parties == (state.custodian,)


def test_a_complaint_is_filed_once() -> None:
    given(*filed()).when(filing(), by=INTAKE).then_refused("already_filed")


@pytest.mark.parametrize("stranger", [GENERAL, REGISTRAR])
def test_only_intake_files(stranger: str) -> None:
    given().when(filing(), by=stranger).then_refused("not_entitled")


def test_nothing_can_be_done_to_a_complaint_that_nobody_filed() -> None:
    given().when(c.StartExamination(), by=GENERAL).then_refused("no_such_complaint")


def test_registration_has_a_number_and_a_date_and_starts_the_clock() -> None:
    given(*kept()).when(c.RegisterComplaint(number="GEN-1"), by=GENERAL).then(
        e.ComplaintRegistered(office=GENERAL, number="GEN-1", date=date(2026, 3, 2)),
        e.DeadlineSet(
            clock=Clock.EXAMINATION,
            rule="examination",
            rule_version=1,
            started=date(2026, 3, 2),
            warn_at=EXAMINATION_WARNING,
            due=EXAMINATION_END,
        ),
    )


def test_what_comes_on_a_friday_night_is_registered_after_the_weekend_and_the_holiday() -> None:
    friday = moment("2026-03-06 18:30")
    after = given(*kept()).when(c.RegisterComplaint(number="GEN-1"), by=GENERAL, at=friday)
    registered_on = e.ComplaintRegistered(office=GENERAL, number="GEN-1", date=date(2026, 3, 10))
    assert after.events[0] == registered_on


def test_the_second_office_registers_too_and_the_clock_goes_on() -> None:
    moved = [(e.CompetenceDetermined(office=CHILDREN, ground="agreement"), GENERAL)]
    given(*registered(), *moved).when(c.RegisterComplaint(number="CHI-1"), by=CHILDREN).then(
        e.ComplaintRegistered(office=CHILDREN, number="CHI-1", date=date(2026, 3, 2))
    )


def test_an_office_registers_a_complaint_once() -> None:
    given(*registered()).when(c.RegisterComplaint(number="GEN-2"), by=GENERAL).then_refused(
        "already_registered"
    )


def test_an_office_that_the_configuration_lost_still_registers_but_has_no_period() -> None:
    smaller = POLICY.model_copy(update={"offices": POLICY.offices[1:]})
    moved = given(*kept(), policy=POLICY)
    after = type(moved)(moved.state, smaller)
    after.when(c.RegisterComplaint(number="GEN-1"), by=GENERAL).then(e.ComplaintRegistered)


def test_a_certain_rule_forwards_at_once_and_keeps_its_reason() -> None:
    command = routing(CHILDREN)
    given(*filed()).when(command, by=REGISTRAR).then(
        e.RoutingDecided(**command.model_dump()),
        e.ReferredTo(
            referral=1,
            kind=TRANSFER,
            sender=GENERAL,
            receiver=CHILDREN,
            reason="competence",
            hop=1,
            rule="leg",
            rule_version=2,
            warn_at=LEG_WARNING,
            answer_due=LEG_END,
        ),
    )


def test_an_uncertain_rule_only_proposes() -> None:
    given(*filed()).when(routing(CHILDREN, certain=False), by=REGISTRAR).then(e.RoutingDecided)


def test_a_complaint_that_is_where_it_belongs_is_not_forwarded() -> None:
    given(*filed()).when(routing(GENERAL), by=REGISTRAR).then(e.RoutingDecided)


def test_the_competence_rules_speak_once() -> None:
    given(*forwarded()).when(routing(), by=REGISTRAR).then_refused("already_routed")


def test_the_competence_rules_never_name_the_office_complained_of() -> None:
    about = filed(complained_office=CHILDREN)
    given(*about).when(routing(CHILDREN), by=REGISTRAR).then_refused("office_complained_of")
    other = (e.Alternative(office=CHILDREN, rule="child"),)
    aside = routing(ENTREPRENEURS).model_copy(update={"alternatives": other})
    given(*about).when(aside, by=REGISTRAR).then_refused("office_complained_of")


def test_the_competence_rules_name_a_known_office() -> None:
    given(*filed()).when(routing("nobody"), by=REGISTRAR).then_refused("unknown_office")


def test_only_the_registrar_routes() -> None:
    given(*filed()).when(routing(), by=GENERAL).then_refused("not_entitled")


def test_a_withdrawn_complaint_is_not_routed() -> None:
    after = given(*filed()).when(c.WithdrawComplaint(ground="own-wish"), by=INTAKE)
    gone = after.then(e.ComplaintWithdrawn)
    assert gone.state.phase is Phase.CLOSED
    gone.when(routing(), by=REGISTRAR).then_refused("complaint_not_open")

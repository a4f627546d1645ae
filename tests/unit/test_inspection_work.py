"""The work of a joint inspection: tasks, evidence, findings with votes, the report, the ends."""

from ombudslink import inspection_commands as c
from ombudslink import inspection_events as e
from ombudslink.testing.builders import content
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    JOINT_END,
    JOINT_WARNING,
    MINISTRY,
    REGISTRAR,
    VULNERABLE,
)
from ombudslink.testing.inspections import (
    at_work,
    closed,
    issuing,
    joined,
    opened,
    proposal,
    reported,
    separated,
    signing,
    voted,
)
from ombudslink.testing.spec import given, play_inspection

LEAVE = c.WithdrawFromInspection(reason="conflict-of-interest")
AGREE = c.AgreeFindings(finding=1)
DISSENT = c.RecordDissent(finding=1, content=content(24, holder=GENERAL))
VOTED = play_inspection(*voted()).version
REPORT = issuing(VOTED)


def test_the_work_is_for_parties_that_joined_and_only_while_it_is_open() -> None:
    share = c.ShareEvidence(kind="document", content=content(30))
    for said in (share, c.DraftFindings(content=content(31)), AGREE, DISSENT):
        given(*joined()).when(said, by=GENERAL).then_refused("inspection_not_open")
        given(*at_work()).when(said, by=ENTREPRENEURS).then_refused("not_joined")
        given(*reported()).when(said, by=GENERAL).then_refused("inspection_not_open")
        given(*closed()).when(said, by=GENERAL).then_refused("inspection_ended")
        given(*separated()).when(said, by=GENERAL).then_refused("inspection_ended")
    given(*at_work()).when(share, by=GENERAL).then(
        e.JointEvidenceShared(evidence=2, office=GENERAL, kind="document", content=content(30))
    )


def test_a_task_is_given_by_the_lead_and_done_by_the_office_that_has_it() -> None:
    assign = c.AssignTask(office=GENERAL, kind="visit", due=proposal().ends)
    given(*opened()).when(assign, by=GENERAL).then_refused("not_lead")
    elsewhere = assign.model_copy(update={"office": ENTREPRENEURS})
    given(*opened()).when(elsewhere, by=CHILDREN).then_refused("not_a_party")
    done = c.CompleteTask(task=1)
    given(*opened()).when(done, by=GENERAL).then_refused("no_such_task")
    task = given(*opened()).when(assign, by=CHILDREN).then(e.JointTaskAssigned)
    task.when(done, by=CHILDREN).then_refused("not_your_task")
    after = task.when(done, by=GENERAL).then(e.JointTaskCompleted(task=1, office=GENERAL))
    after.when(done, by=GENERAL).then_refused("task_done")


def test_the_last_vote_counts_and_the_report_waits_for_all_of_them() -> None:
    inspection = given(*at_work())
    given(*opened()).when(REPORT, by=CHILDREN).then_refused("no_findings")
    inspection.when(c.AgreeFindings(finding=2), by=GENERAL).then_refused("no_such_finding")
    for office in (CHILDREN, VULNERABLE):
        inspection.when(REPORT, by=CHILDREN).then_refused("vote_missing")
        agreed = e.JointFindingsAgreed(finding=1, office=office)
        inspection = inspection.when(AGREE, by=office).then(agreed)
        inspection.when(AGREE, by=office).then_refused("already_voted")
    inspection.when(REPORT, by=CHILDREN).then_refused("vote_missing")
    dissenting = inspection.when(DISSENT, by=GENERAL).then(e.DissentRecorded)
    dissenting.when(DISSENT, by=GENERAL).then_refused("already_voted")
    dissenting.when(REPORT, by=GENERAL).then_refused("not_lead")
    offices = (CHILDREN, GENERAL, VULNERABLE)
    fields = {"offices": offices, "findings": 1, **REPORT.model_dump()}
    dissenting.when(REPORT, by=CHILDREN).then(e.JointReportIssued(dissents=1, **fields))
    changed = dissenting.when(AGREE, by=GENERAL).then(e.JointFindingsAgreed)
    later = issuing(VOTED + 1)
    fields |= later.model_dump()
    changed.when(later, by=CHILDREN).then(e.JointReportIssued(dissents=0, **fields))


def test_a_report_that_was_composed_before_something_was_said_is_outdated() -> None:
    share = c.ShareEvidence(kind="document", content=content(30))
    for office in (GENERAL, CHILDREN):
        # whoever said it, the lead included
        after = given(*voted()).when(share, by=office).then(e.JointEvidenceShared)
        after.when(REPORT, by=CHILDREN).then_refused("report_outdated")
        after.when(issuing(VOTED + 1), by=CHILDREN).then(e.JointReportIssued)
    given(*voted()).when(issuing(VOTED + 1), by=CHILDREN).then_refused("report_outdated")


def test_what_only_the_clock_says_makes_no_report_outdated() -> None:
    warn = c.WarnParty(office=ENTREPRENEURS, due=JOINT_END)
    after = given(*voted()).when(warn, by=REGISTRAR, at=JOINT_WARNING).then(e.JointPartyWarned)
    after.when(REPORT, by=CHILDREN).then(e.JointReportIssued)


def test_recommendations_go_to_offices_and_government_bodies_that_there_are() -> None:
    for addressee in (MINISTRY, ENTREPRENEURS):
        said = issuing(VOTED, addressees=(addressee,))
        given(*voted()).when(said, by=CHILDREN).then(e.JointReportIssued)
    said = issuing(VOTED, addressees=("nobody",))
    given(*voted()).when(said, by=CHILDREN).then_refused("unknown_addressee")


def test_the_report_is_signed_by_each_party_once_and_only_that_report() -> None:
    sign = signing(GENERAL)
    given(*voted()).when(sign, by=GENERAL).then_refused("no_report")
    inspection = given(*reported())
    inspection.when(signing(CHILDREN), by=CHILDREN).then_refused("already_signed")
    inspection.when(signing(GENERAL, "f" * 64), by=GENERAL).then_refused("another_report")
    inspection.when(signing(ENTREPRENEURS), by=ENTREPRENEURS).then_refused("not_joined")
    signed = e.JointReportSigned(office=GENERAL, **sign.model_dump())
    inspection.when(sign, by=GENERAL).then(signed)


def test_the_lead_closes_after_the_report_and_separates_before_it() -> None:
    close, part = c.CloseInspection(outcome="reported"), c.SeparateInspection(reason="other")
    given(*voted()).when(close, by=CHILDREN).then_refused("no_report")
    given(*reported()).when(close, by=GENERAL).then_refused("not_lead")
    given(*reported()).when(close, by=CHILDREN).then(e.JointInspectionClosed(outcome="reported"))
    given(*reported()).when(part, by=CHILDREN).then_refused("report_issued")
    given(*reported()).when(LEAVE, by=GENERAL).then_refused("report_issued")
    given(*opened()).when(part, by=GENERAL).then_refused("not_lead")
    given(*opened()).when(part, by=CHILDREN).then(e.JointInspectionSeparated)

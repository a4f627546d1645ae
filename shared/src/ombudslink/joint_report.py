"""The rules for the work of an inspection that is open: tasks, evidence, findings, the report.

Every party that takes part has a vote on every finding, agreement or dissent, and may change it
until the report. The report waits for all of them; whoever left has none.
"""

from typing import assert_never

from ombudslink import inspection_commands as c
from ombudslink import inspection_events as e
from ombudslink.commands import Order, Refused
from ombudslink.inspection import Finding, Inspection, Stage
from ombudslink.inspection_events import InspectionEvent
from ombudslink.inviting import require_joined, require_lead
from ombudslink.offices import Policy

WorkCommand = (
    c.AssignTask
    | c.CompleteTask
    | c.ShareEvidence
    | c.DraftFindings
    | c.AgreeFindings
    | c.RecordDissent
    | c.IssueReport
    | c.SignReport
)


def decide_work(
    state: Inspection, command: WorkCommand, order: Order, policy: Policy
) -> list[InspectionEvent]:
    """The events that follow from a command about the joint work.

    Raises:
        Refused: the rules do not allow it.
    """
    require_joined(state, order)
    if isinstance(command, c.SignReport):
        return _sign(state, command, order)
    if state.stage is not Stage.OPEN:
        raise Refused("inspection_not_open", stage=state.stage)
    match command:
        case c.AssignTask():
            return _assign(state, command, order)
        case c.CompleteTask():
            return _complete(state, command, order)
        case c.ShareEvidence():
            number, said = state.evidence + 1, command.model_dump()
            return [e.JointEvidenceShared(evidence=number, office=order.by, **said)]
        case c.DraftFindings():
            number, content = len(state.findings) + 1, command.content
            drafted = e.JointFindingsDrafted(finding=number, office=order.by, content=content)
            return [drafted]
        case c.AgreeFindings():
            _require_new_vote(state, command.finding, order, agrees=True)
            return [e.JointFindingsAgreed(finding=command.finding, office=order.by)]
        case c.RecordDissent():
            _require_new_vote(state, command.finding, order, agrees=False)
            return [e.DissentRecorded(office=order.by, **command.model_dump())]
        case c.IssueReport():
            return _report(state, command, order, policy)
        case _:
            assert_never(command)


def _assign(state: Inspection, command: c.AssignTask, order: Order) -> list[InspectionEvent]:
    require_lead(state, order)
    if command.office not in state.joined:
        raise Refused("not_a_party", office=command.office)
    return [e.JointTaskAssigned(task=len(state.tasks) + 1, **command.model_dump())]


def _complete(state: Inspection, command: c.CompleteTask, order: Order) -> list[InspectionEvent]:
    task = next((task for task in state.tasks if task.number == command.task), None)
    if task is None:
        raise Refused("no_such_task")
    if task.office != order.by:
        raise Refused("not_your_task", office=task.office)
    if task.done:
        raise Refused("task_done")
    return [e.JointTaskCompleted(office=order.by, **command.model_dump())]


def _report(
    state: Inspection, command: c.IssueReport, order: Order, policy: Policy
) -> list[InspectionEvent]:
    """What was composed before anybody said anything more, the lead included, is no report."""
    require_lead(state, order)
    if not state.findings:
        raise Refused("no_findings")
    for finding in state.findings:
        for office in state.joined:
            if finding.vote(office) is None:
                raise Refused("vote_missing", finding=finding.number, office=office)
    if not _last_spoken(state) <= command.as_of <= state.version:
        raise Refused("report_outdated")
    if any(policy.named(addressee) is None for addressee in command.addressees):
        raise Refused("unknown_addressee")
    dissents = [f for f in state.findings for o in state.joined if f.vote(o) is False]
    return [
        e.JointReportIssued(
            offices=state.joined,
            findings=len(state.findings),
            dissents=len(dissents),
            **command.model_dump(),
        )
    ]


def _sign(state: Inspection, command: c.SignReport, order: Order) -> list[InspectionEvent]:
    if state.stage is not Stage.REPORTED:
        raise Refused("no_report")
    if command.digest != state.report:
        raise Refused("another_report")
    if order.by in state.signed:
        raise Refused("already_signed")
    return [e.JointReportSigned(office=order.by, **command.model_dump())]


def _last_spoken(state: Inspection) -> int:
    """The version of the latest event that says something."""
    return max((version for _, version in state.spoke), default=0)


def _require_new_vote(state: Inspection, number: int, order: Order, *, agrees: bool) -> None:
    finding = _finding(state, number)
    if finding.vote(order.by) is agrees:
        raise Refused("already_voted")


def _finding(state: Inspection, number: int) -> Finding:
    if not 1 <= number <= len(state.findings):
        raise Refused("no_such_finding")
    return state.findings[number - 1]

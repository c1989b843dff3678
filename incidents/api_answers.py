"""From what incidents are to what the API says of them."""

from __future__ import annotations

from incidents.api_shapes import (
    FindingOut,
    IncidentOut,
    LineOut,
    MusterOut,
    ReadinessOut,
    RoleOut,
    SeatOut,
    ServiceOut,
    TierOut,
)
from incidents.board import Board, BoardSeat, BoardTier
from incidents.models import Incident, RoleAssignment, Service
from incidents.readiness import Finding, Report
from incidents.rules.numbers import severity_name
from incidents.timeline import Line
from people.api_shapes import optional_ref, person_ref


def incident_out(incident: Incident) -> IncidentOut:
    """Return an incident of `listed_incidents` or `full_incident`, with the roles held now."""
    held: list[RoleAssignment] = getattr(incident, "held")  # noqa: B009  (the prefetch puts it there)
    return IncidentOut(
        id=str(incident.pk),
        number=incident.number,
        title=incident.title,
        summary=incident.summary,
        status=incident.status,
        severity=severity_name(incident.severity),
        type=incident.type,
        service=incident.service.key if incident.service else None,
        private=incident.private,
        muster_state=incident.muster_state,
        roles=[RoleOut(role=each.role, person=person_ref(each.person), since=each.since) for each in held],
        declared_by=optional_ref(incident.declared_by),
        declared_via=incident.declared_via,
        alert_count=incident.alert_count,
        merged_into=str(incident.merged_into_id) if incident.merged_into_id else None,
        suggestion=incident.suggestion,
        trouble=incident.trouble,
        opened_at=incident.opened_at,
        resolved_at=incident.resolved_at,
        closed_at=incident.closed_at,
        version=incident.version,
    )


def line_out(line: Line) -> LineOut:
    """Return a line of the timeline."""
    return LineOut(
        seq=line.seq,
        at=line.at,
        verb=line.verb,
        sentence=line.sentence,
        text=line.text,
        who=line.who,
        via=line.via,
    )


def muster_out(board: Board) -> MusterOut:
    """Return the muster board."""
    return MusterOut(
        state=board.state,
        started_at=board.started_at,
        completed_at=board.completed_at,
        time_to_muster_s=board.time_to_muster_s,
        tiers=[_tier_out(tier) for tier in board.tiers],
    )


def _tier_out(tier: BoardTier) -> TierOut:
    return TierOut(
        name=tier.name,
        quorum=tier.quorum,
        deadline=tier.deadline,
        state=tier.state,
        completed_at=tier.completed_at,
        page_id=tier.page_id or None,
        people=[_seat_out(seat) for seat in tier.people],
    )


def _seat_out(seat: BoardSeat) -> SeatOut:
    return SeatOut(
        person=person_ref(seat.person),
        state=seat.state,
        called_at=seat.called_at,
        confirmed_at=seat.confirmed_at,
        via=seat.via,
        stands_in_for=optional_ref(seat.stands_in_for),
    )


def service_out(service: Service) -> ServiceOut:
    """Return a service whose policy and team are at hand."""
    return ServiceOut(
        id=str(service.pk),
        key=service.key,
        name=service.name,
        description=service.description,
        policy=service.policy.name if service.policy else None,
        team=service.team.name if service.team else None,
    )


def readiness_out(report: Report) -> ReadinessOut:
    """Return the readiness report."""
    return ReadinessOut(
        at=report.at,
        ready=report.ready,
        broken=report.broken,
        weak=report.weak,
        findings=[_finding_out(finding) for finding in report.findings],
    )


def _finding_out(finding: Finding) -> FindingOut:
    return FindingOut(
        check=finding.check,
        grade=finding.grade,
        sentence=finding.sentence,
        todo=finding.todo,
        subject=finding.subject,
        name=finding.name,
    )

"""The readiness report: what would go wrong at the next incident, found before it.

Each check is a function of one file that yields findings; `report` runs them all, with those that floors above added
to `registry.checks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incidents.readiness.channels import check_channels
from incidents.readiness.finding import GRADES, Finding
from incidents.readiness.leaders import check_severities, check_tiers
from incidents.readiness.people import check_administrators, check_people
from incidents.readiness.policies import check_policies, check_services
from incidents.readiness.registry import checks
from incidents.readiness.schedules import check_schedules

__all__ = ["Finding", "Report", "checks", "report"]


@dataclass(frozen=True, kw_only=True)
class Report:
    """All findings, worst first. `at` is when it was made."""

    at: datetime
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> int:
        """Return how many findings would keep people from being reached."""
        return sum(finding.grade == "broken" for finding in self.findings)

    @property
    def weak(self) -> int:
        """Return how many findings leave only one way, or a worse one."""
        return sum(finding.grade == "weak" for finding in self.findings)

    @property
    def ready(self) -> bool:
        """Tell whether nothing is broken."""
        return not self.broken


def report(*, now: datetime) -> Report:
    """Look at everything that the next incident relies on. Reads only."""
    findings = [
        *check_severities(),
        *check_tiers(now=now),
        *check_administrators(),
        *check_people(now=now),
        *check_schedules(now=now),
        *check_policies(now=now),
        *check_services(),
        *check_channels(),
        *checks.find(now),
    ]
    order = {grade: place for place, grade in enumerate(GRADES)}
    return Report(at=now, findings=tuple(sorted(findings, key=lambda finding: order[finding.grade])))

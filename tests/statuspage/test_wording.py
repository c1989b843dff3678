"""Templates, publishing policies, figures: what is prepared in calm times."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ledger.actor import Actor
from ledger.queries import entries
from statuspage.models import Component, MetricPoint, PublishingPolicy, StatusPage
from statuspage.operations.metrics import Point, push_points, remove_metric, save_metric
from statuspage.operations.wording import archive_template, restore_template, save_publishing_policy, save_template
from statuspage.queries import customers_last_heard, green_while_burning, suggest_components
from tests.builders import NOW
from tests.incidents.builders import after, make_incident, make_service
from tests.statuspage.builders import draft, make_component, make_page, make_public_incident, say
from web.errors import BadInput, NotFound

pytestmark = pytest.mark.django_db

MUSTER = Actor.system()
SETTINGS = "settings:publishing"


def verbs() -> list[str]:
    return [entry.verb for entry in entries(SETTINGS)]


class TestTemplates:
    """Prepared texts."""

    def test_one_is_written_changed_put_away_and_taken_back(self) -> None:
        template = save_template(
            label=" Mail ",
            stage="investigating",
            incident_type="mail",
            names={"en": "Problems with {{ component }}", "de": " "},
            texts={"en": "We look into {{ components }}.\r\n\r\nNext: {{ next_update_at }}", "fr": ""},
            by=MUSTER,
            now=NOW,
        )
        assert (template.label, template.names) == ("Mail", {"en": "Problems with {{ component }}"})
        assert template.texts == {"en": "We look into {{ components }}.\n\nNext: {{ next_update_at }}"}
        save_template(
            template=template, label="Mail", stage="identified", names={}, texts={"de": "Wir."}, by=MUSTER, now=NOW
        )
        for _ in range(2):
            assert archive_template(template=template, by=MUSTER, now=NOW).archived_at == NOW
        assert restore_template(template=template, by=MUSTER, now=NOW).archived_at is None
        assert verbs() == [
            "status.template_added",
            "status.template_changed",
            "status.template_archived",
            "status.template_restored",
        ]

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"label": " "}, "label"),
            ({"stage": "nonsense"}, "stage"),
            ({"incident_type": "nonsense"}, "incident_type"),
            ({"texts": {"en": " "}}, "texts"),
            ({"texts": {"xx": "x"}}, "texts"),
            ({"texts": {"en": "Incident {{ title }}"}}, "texts"),
            ({"names": {"en": "{{ number }}"}}, "names"),
        ],
    )
    def test_what_can_not_be_is_refused_by_field(self, given: dict[str, Any], field: str) -> None:
        whole: dict[str, Any] = {"label": "x", "stage": "identified", "names": {}, "texts": {"en": "x"}}
        with pytest.raises(BadInput) as refused:
            save_template(**{**whole, **given}, by=MUSTER, now=NOW)
        assert list(refused.value.errors) == [field]

    def test_one_that_is_gone(self) -> None:
        template = save_template(label="x", stage="identified", names={}, texts={"en": "x"}, by=MUSTER, now=NOW)
        type(template).objects.all().delete()
        with pytest.raises(NotFound):
            archive_template(template=template, by=MUSTER, now=NOW)


class TestPolicies:
    """Who must agree, and when Muster speaks."""

    def test_changing_nothing_records_nothing(self) -> None:
        for _ in range(2):
            save_publishing_policy(severity=1, approvals=1, promise_s=900, holds_s=600, by=MUSTER, now=NOW)
        policy = PublishingPolicy.objects.get(severity=1)
        assert (policy.approvals, policy.promise_s, policy.holds_s) == (1, 900, 600)
        assert verbs() == ["status.policy_changed"]

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"severity": 5}, "severity"),
            ({"approvals": 2}, "approvals"),
            ({"promise_s": 5}, "promise_s"),
            ({"holds_s": 5}, "holds_s"),
        ],
    )
    def test_what_can_not_be_is_refused_by_field(self, given: dict[str, Any], field: str) -> None:
        whole: dict[str, Any] = {"severity": 1, "approvals": 1, "promise_s": 900, "holds_s": None}
        with pytest.raises(BadInput) as refused:
            save_publishing_policy(**{**whole, **given}, by=MUSTER, now=NOW)
        assert list(refused.value.errors) == [field]
        assert not PublishingPolicy.objects.exists()


class TestFigures:
    """Charts of a page."""

    @pytest.fixture
    def page(self) -> StatusPage:
        return make_page()

    def test_named_pushed_and_taken_away(self, page: StatusPage) -> None:
        metric = save_metric(page=page, name="Response", unit="ms", by=MUSTER, now=NOW)
        assert push_points(metric=metric, points=[Point(at=after(n), value=n) for n in range(3)], now=NOW) == 3
        assert push_points(metric=metric, points=[Point(at=after(1), value=9)], now=NOW) == 1
        assert list(MetricPoint.objects.values_list("value", flat=True)) == [0, 9, 2]
        assert push_points(metric=metric, points=[], now=NOW) == 0
        assert save_metric(page=page, metric=metric, name="Answer time", by=MUSTER, now=NOW).pk == metric.pk
        remove_metric(metric=metric, by=MUSTER, now=NOW)
        assert not MetricPoint.objects.exists()
        with pytest.raises(NotFound):
            remove_metric(metric=metric, by=MUSTER, now=NOW)

    @pytest.mark.parametrize(
        "point", [Point(at=after(301), value=1), Point(at=NOW, value=math.nan), Point(at=NOW, value=-1e16)]
    )
    def test_points_that_can_not_be(self, page: StatusPage, point: Point) -> None:
        metric = save_metric(page=page, name="Response", by=MUSTER, now=NOW)
        with pytest.raises(BadInput):
            push_points(metric=metric, points=[point], now=NOW)
        with pytest.raises(BadInput):
            push_points(metric=metric, points=[Point(at=NOW, value=1)] * 5001, now=NOW)

    @pytest.mark.parametrize("given", [{"name": ""}, {"unit": "x" * 21}, {"decimals": 7}, {"name": "Taken"}])
    def test_names_that_can_not_be(self, page: StatusPage, given: dict[str, Any]) -> None:
        save_metric(page=page, name="Taken", by=MUSTER, now=NOW)
        with pytest.raises(BadInput) as refused:
            save_metric(page=page, by=MUSTER, now=NOW, **{"name": "Response", **given})
        assert list(refused.value.errors) == list(given)


class TestWhatTheRoomAsks:
    """What a severity suggests, when customers last heard, what burns while the page is green."""

    @pytest.fixture
    def mail(self) -> Component:
        return make_component(make_page(), "Mail", services=[make_service("mail")])

    @pytest.mark.parametrize(
        ("severity", "status"),
        [(1, "major_outage"), (2, "partial_outage"), (3, "degraded_performance"), (4, "operational")],
    )
    def test_a_severity_suggests_a_state_of_the_services_components(
        self, mail: Component, severity: int, status: str
    ) -> None:
        make_component(mail.page, "DNS")
        incident = make_incident(severity=severity, service=mail.services.get())
        assert suggest_components(incident, mail.page) == {mail.pk: status}
        assert suggest_components(make_incident(severity=severity), mail.page) == {}
        assert suggest_components(None, mail.page) == {}

    def test_when_customers_last_heard_and_what_they_were_promised(self, mail: Component) -> None:
        incident = make_incident(severity=2)
        heard = customers_last_heard(incident)
        assert (heard.at, heard.promised_at, heard.open) == (None, None, False)
        draft(mail.page, incident=incident)
        assert customers_last_heard(incident).at is None
        public = make_public_incident(mail.page, incident=incident, next_update_at=after(1800))
        say(public, "identified", next_update_at=after(3600), now=after(600))
        other = make_page("Acme", slug="acme")
        make_public_incident(other, incident=incident, next_update_at=after(900), now=after(60))
        heard = customers_last_heard(incident)
        assert (heard.at, heard.promised_at, heard.open) == (after(600), after(900), True)

    def test_green_while_burning(self, mail: Component) -> None:
        service = mail.services.get()
        worst = make_incident(severity=1, service=service)
        make_incident(severity=2, service=service)
        make_component(mail.page, "Webmail", services=[service])
        found = green_while_burning(NOW)
        assert [(each.incident, each.component.name) for each in found] == [(worst, "Mail"), (worst, "Webmail")]
        make_public_incident(mail.page, components={mail: "degraded_performance"})
        assert [each.component.name for each in green_while_burning(NOW)] == ["Webmail"]
        Component.objects.update(archived_at=NOW)
        assert green_while_burning(NOW) == []

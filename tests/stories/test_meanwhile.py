"""People change things while phones ring."""

from __future__ import annotations

from django.db import transaction

from incidents.operations.change_service import ServiceDraft, change_service
from intake.models import RoutingRule
from notifications.models import Page
from tests.builders import add_rule, by, make_method, make_person, make_policy
from tests.incidents.builders import make_service
from tests.stories.night import Night, answered, moment


def test_a_way_added_while_being_paged_is_used_at_the_next_call(night: Night) -> None:
    otto, alma = make_person("Otto", methods=["sms"]), make_person("Alma", methods=[])
    make_policy((300, [otto]), name="On call", rounds=2)
    with night.sign_in(alma) as api:
        answered(api.post("/pages", json={"policy": "On call", "title": "Power lost in hall 2"}), 201)
    night.text_to(otto)
    add_rule(make_method(otto, "voice"))
    night.pass_time(minutes=4)
    night.stays_quiet()
    night.pass_time(minutes=1)
    night.text_to(otto)
    night.phones.pick_up(night.call_to(otto), "1")


def test_a_service_given_another_policy_pages_by_it_from_the_next_alert_on(night: Night) -> None:
    otto, olga, alma = (make_person(name, methods=["sms"]) for name in ("Otto", "Olga", "Alma"))
    service = make_service("mail", otto)
    RoutingRule.objects.create(name="All", action="page")
    with night.sign_in(alma) as api:
        for title in ("first", "second"):
            answered(api.post("/incidents", json={"title": title, "severity": "SEV3", "service": "mail"}), 201)
            if title == "first":
                night.text_to(otto)
                draft = ServiceDraft(name=service.name, policy=make_policy((600, [olga]), name="Now Olga"))
                with transaction.atomic():
                    change_service(service_id=service.pk, draft=draft, by=by(alma), now=night.now())
    night.text_to(olga)
    night.pass_time(minutes=4.5)
    night.stays_quiet()
    night.pass_time(minutes=0.5)
    night.text_to(otto)
    assert sorted(page.policy_name for page in Page.objects.all()) == ["Now Olga", "Policy of mail"]


def test_a_text_that_arrives_late_tells_how_late(night: Night) -> None:
    ada, alma = make_person("Ada", methods=["sms"]), make_person("Alma", methods=[])
    night.phones.script({ada.contact_methods.get().address: {"delay_s": 3}})
    with night.sign_in(alma) as api:
        page = answered(api.post("/pages", json={"person": ada.email, "title": "Power lost in hall 2"}), 201)
        night.text_to(ada)
        night.skip_time(minutes=4)
        night.phones.wait_for("messages", state="delivered")
        night.becomes(lambda: answered(api.get(f"/deliveries?page={page['id']}"))["items"][0]["state"], "delivered")
        (delivery,) = answered(api.get(f"/deliveries?page={page['id']}"))["items"]
    sent, delivered = (moment(delivery[name]) for name in ("sent_at", "delivered_at"))
    assert (delivered - sent).total_seconds() >= 240

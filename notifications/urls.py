"""Addresses of this floor: links in messages, and what the channels' providers call."""

from django.urls import URLPattern, URLResolver, include, path

from notifications import my_contacts, my_pages, views
from notifications.channels.registry import url_modules
from notifications.settings_views import contacts, deliveries, delivery_health, policies, self_test

urlpatterns: list[URLPattern | URLResolver] = [
    path("p/<str:token>/", views.page_link, name="page_link"),
    path("pages/", my_pages.my_pages, name="my_pages"),
    path("pages/<uuid:page_id>/", my_pages.page_detail, name="page"),
    path("pages/<uuid:page_id>/acknowledge/", my_pages.page_acknowledge, name="page_acknowledge"),
    path("pages/<uuid:page_id>/decline/", my_pages.page_decline, name="page_decline"),
    path("pages/<uuid:page_id>/escalate/", my_pages.page_escalate, name="page_escalate"),
    path("pages/<uuid:page_id>/snooze/", my_pages.page_snooze, name="page_snooze"),
    path("pages/<uuid:page_id>/reassign/", my_pages.page_reassign, name="page_reassign"),
    path("me/contacts/", my_contacts.my_contacts, name="my_contacts"),
    path("me/contacts/add/", my_contacts.contact_add, name="contact_add"),
    path("me/contacts/rules/add/", my_contacts.rule_add, name="contact_rule_add"),
    path("me/contacts/rules/<int:rule_id>/remove/", my_contacts.rule_remove, name="contact_rule_remove"),
    path("me/contacts/reader/", my_contacts.reader_save, name="reader_save"),
    path("me/contacts/<uuid:method_id>/verify/", my_contacts.contact_verify, name="contact_verify"),
    path("me/contacts/<uuid:method_id>/test/", my_contacts.contact_test, name="contact_test"),
    path("me/contacts/<uuid:method_id>/remove/", my_contacts.contact_remove, name="contact_remove"),
    path("people/<uuid:person_id>/contacts/new/", contacts.person_contact_add, name="person_contact_add"),
    path(
        "people/<uuid:person_id>/contacts/<uuid:method_id>/remove/",
        contacts.person_contact_remove,
        name="person_contact_remove",
    ),
    path("policies/", policies.policies, name="policies"),
    path("policies/new/", policies.policy_edit, name="policy_add"),
    path("policies/<int:policy_id>/", policies.policy_edit, name="policy_edit"),
    path("policies/<int:policy_id>/remove/", policies.policy_remove, name="policy_remove"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/file/", deliveries.deliveries_file, name="deliveries_file"),
    path("deliveries/<int:delivery_id>/", deliveries.delivery_page, name="delivery"),
    path("delivery-health/", delivery_health.delivery_health, name="delivery_health"),
    path("delivery-health/<slug:kind>/<slug:provider>/probe/", delivery_health.carrier_probe, name="carrier_probe"),
    path("delivery-health/<slug:kind>/<slug:provider>/close/", delivery_health.carrier_close, name="carrier_close"),
    path("delivery-health/self-test/", self_test.self_test_save, name="self_test_save"),
    path("delivery-health/self-test/off/", self_test.self_test_off, name="self_test_off"),
    path("delivery-health/self-test/now/", self_test.self_test_now, name="self_test_now"),
    *(path("", include(name)) for name in url_modules()),
]

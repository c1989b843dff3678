"""Addresses of the staff's screens of the status page."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from statuspage.views import (
    components,
    drafting,
    hub,
    incidents,
    maintaining,
    metrics,
    pages,
    previews,
    review,
    timelines,
    wording,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", hub.status_pages, name="status_pages"),
    path("new/", pages.status_page_add, name="status_page_add"),
    path("draft/", drafting.status_draft, name="status_draft"),
    path("history/", incidents.status_incidents, name="status_incidents"),
    path("incidents/<str:public_id>/", incidents.status_incident, name="status_incident"),
    path("incidents/<str:public_id>/draft/", drafting.status_incident_draft, name="status_incident_draft"),
    path("updates/<str:update_id>/", review.status_update, name="status_update"),
    path("updates/<str:update_id>/page/", previews.status_update_page, name="status_update_page"),
    path("updates/<str:update_id>/mail/", previews.status_update_mail, name="status_update_mail"),
    path("updates/<str:update_id>/edit/", drafting.status_update_edit, name="status_update_edit"),
    path("updates/<str:update_id>/discard/", drafting.status_update_discard, name="status_update_discard"),
    path("updates/<str:update_id>/again/", drafting.status_update_again, name="status_update_again"),
    path("updates/<str:update_id>/approve/", review.status_update_approve, name="status_update_approve"),
    path("updates/<str:update_id>/publish/", review.status_update_publish, name="status_update_publish"),
    path("updates/<str:update_id>/alone/", review.status_update_alone, name="status_update_alone"),
    path("maintenance/", maintaining.status_maintenance, name="status_maintenance"),
    path("maintenance/new/", maintaining.status_maintenance_add, name="status_maintenance_add"),
    path("maintenance/<str:public_id>/move/", maintaining.status_maintenance_move, name="status_maintenance_move"),
    path(
        "maintenance/<str:public_id>/cancel/", maintaining.status_maintenance_cancel, name="status_maintenance_cancel"
    ),
    path(
        "maintenance/<str:public_id>/behaviour/",
        maintaining.status_maintenance_behaviour,
        name="status_maintenance_behaviour",
    ),
    path("components/<str:component_id>/", timelines.status_component, name="status_component"),
    path("components/<str:component_id>/state/", timelines.status_component_state, name="status_component_state"),
    path("components/<str:component_id>/edit/", components.status_component_edit, name="status_component_edit"),
    path(
        "components/<str:component_id>/archive/", components.status_component_archive, name="status_component_archive"
    ),
    path(
        "components/<str:component_id>/restore/", components.status_component_restore, name="status_component_restore"
    ),
    path("timeline/<int:change_id>/correct/", timelines.status_impact_correct, name="status_impact_correct"),
    path("groups/<str:group_id>/", components.status_group_edit, name="status_group_edit"),
    path("groups/<str:group_id>/remove/", components.status_group_remove, name="status_group_remove"),
    path("texts/", wording.status_templates, name="status_templates"),
    path("texts/new/", wording.status_template_edit, name="status_template_add"),
    path("texts/<str:template_id>/", wording.status_template_edit, name="status_template_edit"),
    path("texts/<str:template_id>/archive/", wording.status_template_archive, name="status_template_archive"),
    path("texts/<str:template_id>/restore/", wording.status_template_restore, name="status_template_restore"),
    path("policy/", wording.status_policies, name="status_policies"),
    path("policy/<int:severity>/", wording.status_policy_edit, name="status_policy_edit"),
    path("metrics/", metrics.status_metrics, name="status_metrics"),
    path("metrics/new/", metrics.status_metric_add, name="status_metric_add"),
    path("metrics/<str:metric_id>/", metrics.status_metric_edit, name="status_metric_edit"),
    path("metrics/<str:metric_id>/remove/", metrics.status_metric_remove, name="status_metric_remove"),
    path("<str:status_page_id>/edit/", pages.status_page_edit, name="status_page_edit"),
    path("<str:status_page_id>/logo/", pages.status_page_logo, name="status_page_logo"),
    path("<str:status_page_id>/picture/", pages.status_page_picture, name="status_page_picture"),
    path("<str:status_page_id>/rotate/", pages.status_page_rotate, name="status_page_rotate"),
    path("<str:status_page_id>/archive/", pages.status_page_archive, name="status_page_archive"),
    path("<str:status_page_id>/restore/", pages.status_page_restore, name="status_page_restore"),
    path("<str:status_page_id>/components/", components.status_components, name="status_components"),
    path("<str:status_page_id>/components/new/", components.status_component_add, name="status_component_add"),
    path("<str:status_page_id>/groups/new/", components.status_group_add, name="status_group_add"),
    path("<str:status_page_id>/order/", components.status_order, name="status_order"),
]

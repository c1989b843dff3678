"""Addresses of people, teams, tiers, schedules and tokens."""

from django.urls import path

from people.views import on_call, organisation, people, phone_pin, schedules, settings, tokens

urlpatterns = [
    path("on-call/", on_call.on_call, name="on_call"),
    path("on-call/<int:schedule_id>/take-over/", on_call.take_over, name="take_over"),
    path("settings/", settings.settings_page, name="settings"),
    path("people/", people.people, name="people"),
    path("people/new/", people.person_add, name="person_add"),
    path("people/<uuid:person_id>/", people.person_page, name="person"),
    path("people/<uuid:person_id>/edit/", people.person_edit, name="person_edit"),
    path("people/<uuid:person_id>/deactivate/", people.person_deactivate, name="person_deactivate"),
    path("people/<uuid:person_id>/reactivate/", people.person_reactivate, name="person_reactivate"),
    path("people/<uuid:person_id>/pin/clear/", phone_pin.person_pin_clear, name="person_pin_clear"),
    path("me/pin/", phone_pin.pin_edit, name="pin_edit"),
    path("me/pin/clear/", phone_pin.pin_clear, name="pin_clear"),
    path("people/<uuid:person_id>/tokens/", tokens.token_issue, name="token_issue"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("teams/", organisation.teams, name="teams"),
    path("teams/new/", organisation.team_edit, name="team_add"),
    path("teams/<int:team_id>/", organisation.team_edit, name="team_edit"),
    path("teams/<int:team_id>/remove/", organisation.team_remove, name="team_remove"),
    path("tiers/", organisation.tiers, name="tiers"),
    path("tiers/new/", organisation.tier_edit, name="tier_add"),
    path("tiers/<int:tier_id>/", organisation.tier_edit, name="tier_edit"),
    path("tiers/<int:tier_id>/remove/", organisation.tier_remove, name="tier_remove"),
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/new/", schedules.schedule_edit, name="schedule_add"),
    path("schedules/<int:schedule_id>/", schedules.schedule_page, name="schedule"),
    path("schedules/<int:schedule_id>/edit/", schedules.schedule_edit, name="schedule_edit"),
    path("schedules/<int:schedule_id>/remove/", schedules.schedule_remove, name="schedule_remove"),
    path("schedules/<int:schedule_id>/rotations/new/", schedules.rotation_edit, name="rotation_add"),
    path("schedules/<int:schedule_id>/rotations/<int:rotation_id>/", schedules.rotation_edit, name="rotation_edit"),
    path(
        "schedules/<int:schedule_id>/rotations/<int:rotation_id>/remove/",
        schedules.rotation_remove,
        name="rotation_remove",
    ),
    path("schedules/<int:schedule_id>/overrides/new/", schedules.override_add, name="override_add"),
    path(
        "schedules/<int:schedule_id>/overrides/<int:override_id>/remove/",
        schedules.override_remove,
        name="override_remove",
    ),
]

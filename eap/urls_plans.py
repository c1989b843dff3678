"""Addresses of plans: lists, versions, the editor, paper."""

from django.urls import path

from eap.views import plan_editor, plan_moves, plan_paper, plan_starts, plans

VERSION = "plans/<slug:plan_key>/versions/<int:version_number>/"
SCHEDULE = "plans/<slug:plan_key>/schedules/<int:run_schedule_id>/"

urlpatterns = [
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plan_editor.plan_new, name="plan_new"),
    path("plans/check/", plan_editor.plan_check, name="plan_check"),
    path("plans/schema.json", plans.plan_schema, name="plan_schema"),
    path("plans/<slug:plan_key>/", plans.plan, name="plan"),
    path("plans/<slug:plan_key>/propose/", plan_moves.propose, name="plan_propose"),
    path("plans/<slug:plan_key>/archive/", plan_moves.archive, name="plan_archive"),
    path("plans/<slug:plan_key>/schedules/new/", plan_starts.schedule_edit, name="plan_schedule_add"),
    path(SCHEDULE, plan_starts.schedule_edit, name="plan_schedule_edit"),
    path(f"{SCHEDULE}off/", plan_starts.schedule_off, name="plan_schedule_off"),
    path(f"{SCHEDULE}remove/", plan_starts.schedule_remove, name="plan_schedule_remove"),
    path("plans/<slug:plan_key>/hooks/new/", plan_starts.hook_add, name="plan_hook_add"),
    path("plans/<slug:plan_key>/hooks/<int:hook_id>/revoke/", plan_starts.hook_revoke, name="plan_hook_revoke"),
    path(VERSION, plans.plan_version, name="plan_version"),
    path(f"{VERSION}edit/", plan_editor.plan_edit, name="plan_edit"),
    path(f"{VERSION}plan.yaml", plans.plan_export, name="plan_export"),
    path(f"{VERSION}paper/", plan_paper.plan_paper, name="plan_paper"),
    path(f"{VERSION}submit/", plan_moves.submit, name="plan_submit"),
    path(f"{VERSION}take-back/", plan_moves.take_back, name="plan_take_back"),
    path(f"{VERSION}publish/", plan_moves.publish, name="plan_publish"),
    path(f"{VERSION}reject/", plan_moves.reject, name="plan_reject"),
    path(f"{VERSION}discard/", plan_moves.discard, name="plan_discard"),
]

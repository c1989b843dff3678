"""Addresses of resets. `/reset/`, where customers set a new password, is `resets.self_set`'s."""

from django.urls import path

from resets.views import exclusions, moves, notices, proof, resets, support_codes, systems

RESET = "resets/<uuid:reset_id>/"

urlpatterns = [
    path("resets/", resets.resets, name="resets"),
    path("resets/support-codes/", support_codes.support_codes, name="support_codes"),
    path("resets/support-codes/<int:account_id>/", support_codes.support_code, name="support_code"),
    path(RESET, resets.reset, name="reset"),
    path(f"{RESET}phases/<slug:phase>/exceptions/", resets.reset_exceptions, name="reset_exceptions"),
    path(f"{RESET}phases/<slug:phase>/retry", moves.reset_retry, name="reset_retry"),
    path(f"{RESET}waves/<int:wave_id>/open", moves.reset_open_wave, name="reset_open_wave"),
    path(f"{RESET}pause", moves.reset_pause, name="reset_pause"),
    path(f"{RESET}resume", moves.reset_resume, name="reset_resume"),
    path(f"{RESET}abort", moves.reset_abort, name="reset_abort"),
    path(f"{RESET}close", moves.reset_close, name="reset_close"),
    path(f"{RESET}left-alone/", exclusions.reset_exclusions, name="reset_exclusions"),
    path(f"{RESET}left-alone/approve", exclusions.reset_exclusions_approve, name="reset_exclusions_approve"),
    path(
        f"{RESET}left-alone/<int:exclusion_id>/remove", exclusions.reset_exclusion_remove, name="reset_exclusion_remove"
    ),
    path(f"{RESET}notices/draft", moves.reset_notice_draft, name="reset_notice_draft"),
    path(f"{RESET}notices/<int:notice_id>/", notices.reset_notice, name="reset_notice"),
    path(f"{RESET}notices/<int:notice_id>/edit", notices.reset_notice_edit, name="reset_notice_edit"),
    path(f"{RESET}notices/<int:notice_id>/approve", moves.reset_notice_approve, name="reset_notice_approve"),
    path(f"{RESET}notices/<int:notice_id>/move", moves.reset_notice_move, name="reset_notice_move"),
    path(f"{RESET}seals/ask", moves.reset_seals_ask, name="reset_seals_ask"),
    path(f"{RESET}seals/destroy", moves.reset_seals_destroy, name="reset_seals_destroy"),
    path(f"{RESET}report/", proof.reset_report, name="reset_report"),
    path(f"{RESET}accounts.<slug:form>", proof.reset_export, name="reset_export"),
    path("account-systems/", systems.systems, name="account_systems"),
    path("account-systems/new/", systems.system_kind, name="account_system_kind"),
    path("account-systems/new/<slug:kind>/", systems.system_add, name="account_system_add"),
    path("account-systems/<int:system_id>/", systems.system, name="account_system"),
    path("account-systems/<int:system_id>/edit", systems.system_edit, name="account_system_edit"),
    path("account-systems/<int:system_id>/test", systems.system_probe, name="account_system_probe"),
    path("account-systems/<int:system_id>/archive", systems.system_archive, name="account_system_archive"),
]

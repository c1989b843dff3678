"""Who may open which address of the site. A new address without a line here fails the matrix."""

from __future__ import annotations

from typing import Final

from people.permissions import (
    ADMINISTER,
    APPROVE_UPDATE,
    AUDIT,
    COMMAND,
    DECLARE,
    DRAFT_UPDATE,
    NOTE,
    OVERRIDE_SCHEDULE,
    PAGE,
    READ,
    RESPOND,
    REVIEW_PLAN,
    RUN_PLAN,
    WRITE_PLAN,
)

OPEN: Final = "open"
"""Anybody: the address has its own key or signature, or tells nothing."""
SIGNED_IN: Final = "signed in"
"""Whoever is signed in, about themselves."""
OWNER: Final = "owner"
"""Its owner alone: for everybody else it does not exist."""
OWNER_OR_ADMINISTRATOR: Final = "owner or administrator"
"""Its owner and administrators: for everybody else it does not exist."""

GATE: Final = "gate"
"""Sign-in's own pages: they answer anybody, and may lead to its first page."""
SECOND_STEP: Final = "second step"
"""Of sign-in itself: for whoever is signed in and has such a second factor; nobody else sees more than a refusal."""


def _each(expectation: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), expectation)


EXPECTED: Final[dict[str, str]] = {
    **_each(OPEN, "healthz readyz metrics theme favicon page_link"),
    **_each(OPEN, "events_v2_enqueue events_v2_change alertmanager_webhook grafana_webhook json_webhook plan_webhook"),
    **_each(OPEN, "ping ping_signal"),
    **_each(OPEN, "subscribe subscriber_confirm subscriber_manage subscriber_unsubscribe subscribers_json"),
    **_each(OPEN, "subscribers_json_of_page webhook_words"),
    **_each(OPEN, "twilio_status twilio_called_back twilio_voice twilio_voice_answer twilio_sms"),
    **_each(OPEN, "twilio_bundle_status"),
    **_each(OPEN, "vonage_call vonage_events vonage_called_back vonage_voice vonage_voice_key vonage_voice_pin"),
    **_each(OPEN, "vonage_text vonage_texts vonage_sms"),
    **_each(OPEN, "twilio_voice_pin"),
    **_each(OPEN, "slack_commands slack_interactions slack_events"),
    **_each(OWNER, "slack_link"),
    **_each(ADMINISTER, "slack_settings slack_rooms slack_check slack_again slack_unlink"),
    **_each(OPEN, "bridge_news bridge_pin bridge_call bridge_call_answer bridge_call_status"),
    **_each(OPEN, "call_choice call_next call_leg call_leg_answer call_voicemail call_recorded call_recording"),
    **_each(READ, "call_lines live_call live_call_message"),
    **_each(ADMINISTER, "call_line_add call_line_edit call_line_remove"),
    **_each(PAGE, "bridge_open bridge_call_in"),
    **_each(OPEN, "app_manifest push_worker push_script push_answer push_received push_renewed"),
    **_each(OPEN, "mail_tracking mail_inbound"),
    **_each(OPEN, "reset_typed reset_ask reset_code reset_set"),
    **_each(OPEN, "public_brand public_logo is_it_me public_report public_comment"),
    **_each(OPEN, "private_page private_file private_enter private_leave"),
    **_each(DRAFT_UPDATE, "status_customers status_customer status_customer_link status_servers"),
    **_each(DRAFT_UPDATE, "status_subscribers"),
    **_each(ADMINISTER, "status_subscriber_add status_subscribers_import status_subscribers_export"),
    **_each(ADMINISTER, "status_subscribers_erase status_subscriber_end status_subscriber_reactivate"),
    **_each(DRAFT_UPDATE, "status_comments status_comment_moderate status_comment_reply"),
    **_each(ADMINISTER, "status_targets status_target_add status_target_edit status_target_check status_target_remove"),
    **_each(ADMINISTER, "status_import status_imported status_import_decide status_export"),
    **_each(GATE, "account_login account_logout account_inactive account_signup account_email_verification_sent"),
    **_each(GATE, "account_reset_password account_reset_password_done account_reset_password_from_key"),
    **_each(GATE, "account_reset_password_from_key_done account_confirm_email account_confirm_login_code"),
    **_each(GATE, "mfa_authenticate mfa_login_webauthn"),
    **_each(SIGNED_IN, "account_email account_change_password account_set_password"),
    **_each(SIGNED_IN, "mfa_index mfa_activate_totp"),
    **_each(SIGNED_IN, "mfa_generate_recovery_codes mfa_list_webauthn mfa_add_webauthn"),
    **_each(SIGNED_IN, "usersessions_list look look_icons live_ticket"),
    **_each(SECOND_STEP, "account_reauthenticate mfa_reauthenticate mfa_reauthenticate_webauthn"),
    **_each(SECOND_STEP, "mfa_deactivate_totp mfa_view_recovery_codes mfa_download_recovery_codes"),
    **_each(SECOND_STEP, "mfa_remove_webauthn mfa_edit_webauthn"),
    **_each(SIGNED_IN, "settings my_pages tokens my_contacts contact_add contact_rule_add reader_save"),
    **_each(SIGNED_IN, "pin_edit pin_clear push_turn_on"),
    **_each(OWNER, "contact_rule_remove contact_verify contact_test contact_remove"),
    **_each(OWNER_OR_ADMINISTRATOR, "token_revoke"),
    **_each(READ, "now wall incidents incident briefing incident_timeline page on_call"),
    **_each(READ, "people person teams tiers schedules schedule policies services severities rules readiness"),
    **_each(READ, "alerts alert heartbeats heartbeat"),
    **_each(READ, "status_pages status_incidents status_incident status_update status_update_mail"),
    **_each(READ, "status_update_page"),
    **_each(READ, "status_maintenance status_components status_component status_page_picture"),
    **_each(READ, "status_templates status_policies status_metrics"),
    **_each(DRAFT_UPDATE, "status_draft status_incident_draft status_update_edit status_update_discard"),
    **_each(DRAFT_UPDATE, "status_update_again status_maintenance_add status_maintenance_move"),
    **_each(DRAFT_UPDATE, "status_maintenance_cancel status_maintenance_behaviour"),
    **_each(APPROVE_UPDATE, "status_update_approve status_update_publish status_update_alone status_component_state"),
    **_each(APPROVE_UPDATE, "status_template_add status_template_edit status_template_archive"),
    **_each(APPROVE_UPDATE, "status_template_restore"),
    **_each(ADMINISTER, "status_page_add status_page_edit status_page_logo status_page_rotate status_page_archive"),
    **_each(ADMINISTER, "status_page_restore status_component_add status_component_edit status_component_archive"),
    **_each(ADMINISTER, "status_component_restore status_group_add status_group_edit status_group_remove"),
    **_each(ADMINISTER, "status_order status_impact_correct status_policy_edit status_metric_add"),
    **_each(ADMINISTER, "status_metric_edit status_metric_remove"),
    **_each(READ, "inventories inventory"),
    **_each(ADMINISTER, "secrets secret_add secret_edit secret_remove"),
    **_each(ADMINISTER, "inventory_add inventory_edit inventory_fill inventory_remove"),
    **_each(DECLARE, "declare"),
    **_each(NOTE, "incident_note incident_decision"),
    **_each(COMMAND, "incident_command"),
    **_each(RESPOND, "incident_status incident_severity incident_role incident_responders incident_rename"),
    **_each(RESPOND, "incident_merge incident_resolve incident_close incident_decline incident_reopen"),
    **_each(PAGE, "page_acknowledge page_decline page_escalate page_snooze page_reassign"),
    **_each(OVERRIDE_SCHEDULE, "take_over override_add override_remove"),
    **_each(READ, "plans plan plan_version plan_export plan_schema"),
    **_each(WRITE_PLAN, "plan_new plan_check plan_edit plan_propose plan_submit plan_take_back plan_discard"),
    **_each(REVIEW_PLAN, "plan_publish plan_reject plan_archive"),
    **_each(RUN_PLAN, "plan_paper"),
    **_each(RUN_PLAN, "plan_schedule_add plan_schedule_edit plan_schedule_off plan_schedule_remove"),
    **_each(ADMINISTER, "plan_hook_add plan_hook_revoke"),
    **_each(READ, "runs run run_picture run_log run_step run_evidence step_vote"),
    **_each(RUN_PLAN, "run_start run_pause run_resume run_stop run_undo run_add_step"),
    **_each(RUN_PLAN, "step_start step_complete step_evidence step_skip step_fail step_reassign"),
    **_each(RUN_PLAN, "step_answer step_choose step_retry step_settle"),
    **_each(READ, "account_systems account_system"),
    **_each(ADMINISTER, "account_system_kind account_system_add account_system_edit account_system_probe"),
    **_each(ADMINISTER, "account_system_archive"),
    **_each(APPROVE_UPDATE, "reset_notice_approve"),
    **_each(READ, "resets reset reset_exceptions reset_exclusions reset_report reset_notice"),
    **_each(RUN_PLAN, "reset_pause reset_resume reset_abort reset_close reset_retry reset_open_wave reset_export"),
    **_each(DRAFT_UPDATE, "support_codes support_code"),
    **_each(RUN_PLAN, "reset_exclusions_approve reset_exclusion_remove reset_seals_ask"),
    **_each(RUN_PLAN, "reset_seals_destroy reset_notice_draft reset_notice_edit reset_notice_move"),
    **_each(ADMINISTER, "carrier_probe carrier_close self_test_save self_test_off self_test_now"),
    **_each(AUDIT, "deliveries deliveries_file delivery delivery_health quarantine ledger ledger_verify"),
    **_each(ADMINISTER, "person_add person_edit person_deactivate person_reactivate token_issue"),
    **_each(ADMINISTER, "person_contact_add person_contact_remove person_pin_clear"),
    **_each(ADMINISTER, "team_add team_edit team_remove tier_add tier_edit tier_remove"),
    **_each(ADMINISTER, "schedule_add schedule_edit schedule_remove rotation_add rotation_edit rotation_remove"),
    **_each(ADMINISTER, "policy_add policy_edit policy_remove service_add service_edit service_remove severity_edit"),
    **_each(ADMINISTER, "rule_add rule_edit rule_move rule_switch rule_remove"),
    **_each(ADMINISTER, "keys key_add key key_mapping key_revoke quarantine_replay"),
    **_each(ADMINISTER, "heartbeat_add heartbeat_edit heartbeat_pause heartbeat_resume heartbeat_rotate"),
    **_each(ADMINISTER, "heartbeat_remove"),
}

"""The addresses of lines for callers: the settings', and those that Twilio asks."""

from django.urls import path

from rooms.calls import views, views_twilio

urlpatterns = [
    path("call-lines/", views.call_lines, name="call_lines"),
    path("call-lines/new/", views.call_line_edit, name="call_line_add"),
    path("call-lines/<int:line_id>/", views.call_line_edit, name="call_line_edit"),
    path("call-lines/<int:line_id>/remove/", views.call_line_remove, name="call_line_remove"),
    path("calls/<uuid:call_id>/", views.live_call, name="live_call"),
    path("calls/<uuid:call_id>/message", views.live_call_message, name="live_call_message"),
    path("twilio/calls/<uuid:call_id>/choice", views_twilio.call_choice, name="call_choice"),
    path("twilio/calls/<uuid:call_id>/next/<int:level>", views_twilio.call_next, name="call_next"),
    path("twilio/calls/<uuid:call_id>/leg/<uuid:person_id>", views_twilio.call_leg, name="call_leg"),
    path(
        "twilio/calls/<uuid:call_id>/leg/<uuid:person_id>/answer", views_twilio.call_leg_answer, name="call_leg_answer"
    ),
    path("twilio/calls/<uuid:call_id>/voicemail", views_twilio.call_voicemail, name="call_voicemail"),
    path("twilio/calls/<uuid:call_id>/recorded", views_twilio.call_recorded, name="call_recorded"),
    path("twilio/calls/<uuid:call_id>/recording", views_twilio.call_recording, name="call_recording"),
]

"""The addresses that Twilio calls."""

from django.urls import path

from notifications.channels.twilio import text_views, views

urlpatterns = [
    path("twilio/status/<int:delivery_id>/<int:fence>", views.status, name="twilio_status"),
    path("twilio/bundle/<str:tries>", text_views.bundle_status, name="twilio_bundle_status"),
    path("twilio/voice", views.called_back, name="twilio_called_back"),
    path("twilio/voice/<str:token>", views.voice, name="twilio_voice"),
    path("twilio/voice/<str:token>/answer", views.voice_answer, name="twilio_voice_answer"),
    path("twilio/voice/<str:token>/pin", views.voice_pin, name="twilio_voice_pin"),
    path("twilio/sms", text_views.inbound_text, name="twilio_sms"),
]

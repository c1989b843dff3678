"""The addresses that Vonage calls."""

from django.urls import path

from notifications.channels.vonage import call_views, text_views

urlpatterns = [
    path("vonage/call/<int:delivery_id>/<int:fence>", call_views.call_event, name="vonage_call"),
    path("vonage/events", call_views.other_event, name="vonage_events"),
    path("vonage/voice", call_views.called_back, name="vonage_called_back"),
    path("vonage/voice/<str:token>", call_views.words, name="vonage_voice"),
    path("vonage/voice/<str:token>/key", call_views.key_pressed, name="vonage_voice_key"),
    path("vonage/voice/<str:token>/pin", call_views.pin_entered, name="vonage_voice_pin"),
    path("vonage/text/<int:delivery_id>/<int:fence>", text_views.text_receipt, name="vonage_text"),
    path("vonage/texts", text_views.bundle_receipt, name="vonage_texts"),
    path("vonage/sms", text_views.inbound_text, name="vonage_sms"),
]

"""The bridge's addresses: the room's, and those that Twilio calls."""

from django.urls import path

from rooms.bridge import views, views_twilio

urlpatterns = [
    path("incidents/<int:number>/bridge/open/", views.bridge_open, name="bridge_open"),
    path("incidents/<int:number>/bridge/call-in/", views.bridge_call_in, name="bridge_call_in"),
    path("twilio/bridge/<uuid:incident_id>/news", views_twilio.bridge_news, name="bridge_news"),
    path("twilio/bridge/pin", views_twilio.bridge_pin, name="bridge_pin"),
    path("twilio/bridge/call/<int:caller_id>", views_twilio.bridge_call, name="bridge_call"),
    path("twilio/bridge/call/<int:caller_id>/answer", views_twilio.bridge_call_answer, name="bridge_call_answer"),
    path("twilio/bridge/call/<int:caller_id>/status", views_twilio.bridge_call_status, name="bridge_call_status"),
]

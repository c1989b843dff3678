"""The addresses that a browser with notifications on asks for."""

from django.urls import path

from notifications.channels.push import views

urlpatterns = [
    path("sw.js", views.worker, name="push_worker"),
    path("push/device.js", views.script, name="push_script"),
    path("me/contacts/devices/", views.turn_on, name="push_turn_on"),
    path("push/answer/<str:token>", views.answered, name="push_answer"),
    path("push/renewed", views.renewed, name="push_renewed"),
    path("push/received/<str:token>/<int:fence>", views.received, name="push_received"),
]

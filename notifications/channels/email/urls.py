"""The addresses that mail providers call."""

from django.urls import path

from notifications.channels.email import webhooks

urlpatterns = [
    path("mail/tracking/<str:provider>/", webhooks.tracking, name="mail_tracking"),
    path("mail/inbound/<str:provider>/", webhooks.inbound, name="mail_inbound"),
]

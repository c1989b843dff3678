"""What Slack calls, and what people open."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from rooms.slack import doors, linking, rooms_settings, settings_view

urlpatterns: list[URLPattern | URLResolver] = [
    path("slack/commands", doors.commands, name="slack_commands"),
    path("slack/interactions", doors.interactions, name="slack_interactions"),
    path("slack/events", doors.events, name="slack_events"),
    path("me/slack/<str:token>/", linking.link, name="slack_link"),
    path("settings/slack/", settings_view.slack, name="slack_settings"),
    path("settings/slack/rooms/", rooms_settings.slack_rooms, name="slack_rooms"),
    path("settings/slack/check/", settings_view.check_now, name="slack_check"),
    path("settings/slack/<int:row_id>/again/", settings_view.again, name="slack_again"),
    path("settings/slack/<int:user_id>/unlink/", settings_view.unlink, name="slack_unlink"),
]

"""E-mail by SMTP, with a link to a page that has the buttons."""

from notifications.channels.email.channel import EmailChannel

CHANNELS = (EmailChannel(),)

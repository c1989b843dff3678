"""E-mail, with a link to a page that has the buttons: by SMTP, and by the providers that EMAIL_PROVIDER names."""

from notifications.channels.email.channel import EmailChannel
from notifications.channels.email.hosted import hosted_channels

CHANNELS = (*hosted_channels(), EmailChannel())

"""What people do about incidents from Slack: the same operations as on the web, with the same permissions."""

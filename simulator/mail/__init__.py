"""Mail as it is taken by SMTP and kept in mailboxes."""

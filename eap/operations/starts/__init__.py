"""What starts runs by itself: incidents, schedules, webhooks."""

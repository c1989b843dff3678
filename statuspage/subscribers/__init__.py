"""Who wants to hear: sign-up, what they are sent, and how they leave."""

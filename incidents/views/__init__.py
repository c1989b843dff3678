"""The incident's screens: what is open now, declaring, the room, the briefing."""

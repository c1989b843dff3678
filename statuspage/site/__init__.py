"""From the database to the files that customers read: snapshot first, then pages, JSON, feeds, badges and widget."""

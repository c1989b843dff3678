"""From the database to files, and from there to wherever customers read them."""

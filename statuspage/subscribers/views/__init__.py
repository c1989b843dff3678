"""What subscribers open, and the staff's screens about them."""

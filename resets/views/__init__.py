"""What staff see of resets."""

"""What customers say: "I'm affected", "it works for me", and comments that staff let through and answer."""

"""How each provider of each kind of message does: its breaker, its answers, what waits and what was never heard of."""

"""The simulator's own API: what arrived, what people do with it, and what numbers do by themselves. No token."""

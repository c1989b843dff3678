"""Nights as people live them: through HTTP, with phones in their hands. Each test reads like the promise it checks."""

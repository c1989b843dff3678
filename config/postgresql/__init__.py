"""PostgreSQL as Django sees it here."""

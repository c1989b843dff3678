"""Rules of plans and runs: tables, and graphs of chance."""

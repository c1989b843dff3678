"""Tests of the ground of web: stream, API plumbing, secrets, links, middleware."""

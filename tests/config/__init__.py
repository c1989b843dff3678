"""Tests of the roof: settings, logs, health, sign-in."""

"""Telling the customers of a reset, by mail, at a pace that mail servers bear."""

"""Whose is what, and "is it me?": import, servers, secret pages, targeted notices, password pages."""

"""Accounts in an LDAP directory."""

from resets.backends.ldap.backend import Ldap

__all__ = ["Ldap"]

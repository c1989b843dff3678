"""The addresses that monitoring tools post to: one module a protocol."""

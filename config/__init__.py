"""The roof: settings, addresses and process entry points; the only place that knows every app."""

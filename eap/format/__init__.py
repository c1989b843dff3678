"""The written plan: its document, how it is read from YAML, checked and drawn. Pure; knows no tables."""

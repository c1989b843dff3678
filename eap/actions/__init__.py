"""What automations do: registered actions with typed inputs, each a file of its own. Knows no tables."""

"""Changes of what automations stand on: secrets and inventories."""

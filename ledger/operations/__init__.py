"""Each change of the ledger, one file per verb."""

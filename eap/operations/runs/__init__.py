"""Every change of a run's state: one file per verb. What all of them share stands in `board`, `news`, `advance`."""

"""A rollback from the signal to its end: load, decide, act."""

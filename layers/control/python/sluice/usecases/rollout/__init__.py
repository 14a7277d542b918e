"""A rollout from the request to its end: load, decide, act."""

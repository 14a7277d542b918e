"""What a rollout decides: pure functions on what was seen."""

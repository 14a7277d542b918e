"""What a rollback decides: pure functions on what was seen."""

"""Model Monitor: schedules, their runs and the processing jobs of those, which run when an admin call says so."""

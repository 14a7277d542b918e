"""Sluice: an event-driven control plane for machine-learning models on AWS."""

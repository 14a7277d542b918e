"""Frozen models: what Sluice knows, without how it came to know it."""

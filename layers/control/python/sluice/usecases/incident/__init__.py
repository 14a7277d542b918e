"""Incidents: signals are taken, people called, and the end recorded."""

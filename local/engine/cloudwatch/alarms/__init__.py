"""Alarms: M of N data points, missing data, events and actions, evaluated every simulated minute."""

"""The world outside: one file a port."""

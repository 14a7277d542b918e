"""The incident view: what went wrong in production, who was called, what was done, and how it ended."""

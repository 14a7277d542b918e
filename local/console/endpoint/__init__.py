"""The endpoint view: what serves now, the rollout under way, and its charts over simulated time."""

"""Application Auto Scaling of endpoint variants."""

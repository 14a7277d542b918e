"""The embedded cloud: everything that lets Sluice run on a laptop, and nothing that the product itself needs."""

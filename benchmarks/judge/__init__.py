"""How often does each judge take back a good canary, and how soon a bad one? `python -m benchmarks judge --help`."""

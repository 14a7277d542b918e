"""Load, decide, act: one use case a file, ports as arguments."""

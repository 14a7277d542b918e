"""What ministack lacks or does otherwise than AWS, one small module a gap.

Each module has one function `apply()` and asserts what it replaces (`expected`), so that another version of ministack
fails at start with a message instead of running unpatched.
"""

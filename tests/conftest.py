"""What holds for every room of tests."""

from hypothesis import settings

# A busy machine must not fail an invariant: how long anything takes is measured in benchmarks/ alone.
settings.register_profile("sluice", deadline=None)
settings.load_profile("sluice")

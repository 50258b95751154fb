"""What holds for all tests."""

from hypothesis import settings

# how long one example takes says more of what else the machine does than of the code
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

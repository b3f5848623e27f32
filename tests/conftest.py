"""Hypothesis looks at the same examples in each run, without a deadline that a busy machine could miss."""

from hypothesis import settings

settings.register_profile("commune", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("commune")

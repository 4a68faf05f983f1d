"""The pieces of scripts/make_samples.py."""

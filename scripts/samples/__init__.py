"""The pieces of scripts/samples/make.py."""

"""Training of the built-in backbone: see scripts/backbone/train.py."""

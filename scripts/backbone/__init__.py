"""Training of the built-in backbone: see scripts/train_backbone.py."""

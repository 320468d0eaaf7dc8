"""Checkpoints: weights, card, preview and curve in one folder."""

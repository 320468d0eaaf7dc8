"""The attention window in the hand."""

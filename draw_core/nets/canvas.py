"""The page that a network paints on. Standard library only."""

# The blank page has a pixel probability of 0.018: near black, but with a gradient.
BLANK_LOGIT = -4.0

"""DRAW, the recurrent variational autoencoder that paints (arXiv 1502.04623)."""

"""DRAW, a recurrent variational autoencoder that paints, apart from any user interface."""

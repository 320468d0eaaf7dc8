"""The visitor's picture: drawn, uploaded, or chosen from a data set."""

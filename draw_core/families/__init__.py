"""One folder for each kind of network."""

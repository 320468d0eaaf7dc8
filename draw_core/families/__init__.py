"""One folder for each kind of network, and one line for each in ``registry``."""

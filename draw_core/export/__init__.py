"""Films as files that other programs open: moving and still pictures, drawings and tables."""

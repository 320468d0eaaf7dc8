"""The Stage, which plays what a network painted."""

"""What networks made, step by step, as plain arrays. NumPy only."""

"""Two players side by side, in step."""

"""What networks can do: bounds, verdicts on samples, neighbours, speed."""

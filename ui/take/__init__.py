"""What a visitor takes home."""

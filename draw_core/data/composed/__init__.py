"""Pages put together of digits: two of them, or one in clutter."""

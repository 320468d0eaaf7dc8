"""The page Reconstruct."""

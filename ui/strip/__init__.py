"""Strips of pictures, as in the figures of the paper."""

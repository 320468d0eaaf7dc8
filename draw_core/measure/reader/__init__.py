"""A small classifier that says what a finished picture looks like: a digit, a figure, or neither.

It names samples for people who cannot see them. ``network`` reads with NumPy alone, so that a page
needs no torch for it; ``examples`` and ``learn`` made its weights, which lie beside this file.
"""

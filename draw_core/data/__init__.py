"""Data sets as uint8 images, and their binarisation.

``registry`` lists them and needs only the standard library; ``datasets`` reads them as tensors.
"""

"""Data sets as uint8 images, and their binarisation."""

from draw_core.data.binarise import binarise
from draw_core.data.datasets import DATASETS, DataError, default_root, load

__all__ = ["DATASETS", "DataError", "binarise", "default_root", "load"]

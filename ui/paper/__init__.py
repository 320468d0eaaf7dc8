"""The page Paper: every figure and table of the paper, live, one module for each."""

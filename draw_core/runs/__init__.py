"""Runs: training kept in folders, from the first update to the exported model."""

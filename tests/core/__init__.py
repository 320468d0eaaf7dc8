"""Tests of draw_core."""

"""Tests of ui and pages without a browser."""

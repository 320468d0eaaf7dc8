"""Gradients of these parts, by hand; tests hold them against autograd."""

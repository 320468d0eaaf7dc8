"""A classifier that finds a digit in clutter with DRAW's window (the paper's section 4.1).

``config``, ``card`` and the listing in ``checkpoint`` need no torch.
"""

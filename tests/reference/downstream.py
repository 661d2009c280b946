"""Downstream laws as NumPy, with the equation each was read from."""

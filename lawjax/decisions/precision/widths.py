"""How wide a number format may be."""

MOST_BITS = 64
"""The widest format that is looked at."""

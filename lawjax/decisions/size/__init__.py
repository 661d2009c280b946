"""Decisions of the size, data and compute laws."""

"""Decisions of the downstream laws."""

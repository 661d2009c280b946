"""Decisions of the precision laws."""

"""Decisions of the architecture laws."""

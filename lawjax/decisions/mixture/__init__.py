"""Decisions of the mixture laws."""

"""Decisions of the mixtures laws."""

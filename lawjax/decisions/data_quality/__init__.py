"""Decisions of the data quality laws."""

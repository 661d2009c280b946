"""Decisions of the training and decoding laws."""

"""NumPy transcriptions of the laws, written from the papers and not from our code."""

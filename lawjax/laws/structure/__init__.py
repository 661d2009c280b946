"""What can be read off a law's formula: which parameters enter linearly, which powers can be taken faster."""

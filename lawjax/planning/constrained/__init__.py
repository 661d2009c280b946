"""The general solver: an interior-point search, thousands of problems at a time, of any law under any constraints."""

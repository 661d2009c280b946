"""Spending one budget to the last: a formula where the law has one, else a search along the budget."""

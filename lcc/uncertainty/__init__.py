"""Uncertainty: errors, what shares them, intervals: one code for families, bids and levers."""

"""Uncertainty: distributions, shared errors, intervals. One code for families, contracts, bids and levers."""

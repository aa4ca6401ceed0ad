"""Opportunities: purchases to make together, scattered small ones, and those not to make."""

"""Tenders: the published rule, the bids, their marks, the letters and the annex."""

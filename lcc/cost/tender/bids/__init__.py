"""Bids: forms, their reading, what they lack, the jury's marks, the buyer's decisions."""

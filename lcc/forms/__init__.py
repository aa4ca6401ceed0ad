"""Workbooks that others fill in: their look, their writing, their reading without trust."""

"""Spending: files and databases in, checked and classified lines out."""

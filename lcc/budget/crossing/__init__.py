"""Accounts, purchasing families, greenhouse-gas posts and climate ratings in one table."""

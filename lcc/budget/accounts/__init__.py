"""Accounts as sent to the State: a budget table, its chart of accounts, its published layout."""

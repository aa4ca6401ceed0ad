"""Significant contracts: which to know and to renew with carbon in mind, and why each is listed."""

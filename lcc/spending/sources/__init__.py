"""Readers: one module per format, each yielding raw records (schema `raw`), judging nothing."""

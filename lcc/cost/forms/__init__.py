"""Workbooks that people fill in: layout, reading without trust, the questionnaire."""

"""Published indicators: definitions as data, values with bounds, and what to check by hand."""

"""The evaluation: marks, ranking, bids suspected of being abnormally low."""

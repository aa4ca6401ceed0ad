"""Programming calendar: periods of contracts, steps back from their ends, needs, events."""

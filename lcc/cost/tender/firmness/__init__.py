"""How firm a rule and a ranking are: simulated bids before, reversals after."""

"""What bids are compared by: amounts, costs, tonnes, weights."""

"""Reading grid: what is at stake in each family, and which contracts end soon."""

"""Law as data: rules and thresholds by date, decisions of courts, and which of them apply."""

"""What a rule says: criteria, formulas, what makes one admissible, the law of its date."""

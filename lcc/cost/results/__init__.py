"""What follows from a study: measures, tables, doubt, what would change the decision."""

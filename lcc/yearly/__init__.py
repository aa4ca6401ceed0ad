"""The yearly account (bilan): everything one year says, gathered, dated and compared."""

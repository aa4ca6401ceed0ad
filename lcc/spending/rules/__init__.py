"""Rules of the check: each finds one kind of damage, names it by a code, and says what it did."""

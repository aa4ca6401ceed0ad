"""Carbon clauses: what was promised, what was measured, what it changed, what is paid."""

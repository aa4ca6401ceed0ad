"""Studies from their files: every key known, every figure checked, or a named error."""

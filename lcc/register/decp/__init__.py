"""Essential data of public contracts (DECP) as contracts: read, checked, written, nothing lost."""

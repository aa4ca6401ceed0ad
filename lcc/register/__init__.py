"""The register of contracts: who awarded what to whom, as several sources state it."""

"""Generator of the demonstration: a synthetic métropole, its spending, and the damage injected.

Everything is drawn from one seeded generator. Nothing here imports the package: what is injected
is found again by code that shares nothing with it.
"""

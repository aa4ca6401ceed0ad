"""Trials: truths drawn line by line, and how often what the package says of them holds.

`world` (the lines of a map, each with the errors it shares), `truths` (one draw of everything that
may be wrong, as the error model states it or otherwise), `coverage` (intervals against truths),
`learning` (updates against truths), `forecasts` (probabilities of ranks against truths). The
figures are in `docs/uncertainty.md`; `benchmarks/coverage.py` makes them.
"""

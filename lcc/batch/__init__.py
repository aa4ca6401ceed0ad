"""Many reports: side by side, resumed, delivered whole, a failure stopping no other.

`run` is the way in. Data flow one way: jobs → fingerprints → what the ledger does not hold →
workers (or a cluster) → delivery → ledger.
"""

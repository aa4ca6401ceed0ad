"""Learning from suppliers: measurements judged, families and contracts updated, with their trace.

`read` (the table people keep), `parameters` (what is taken for granted), `compare` (a measurement
beside the map), `judge` (what is used, what is not and why), `learn` (the joint update), `premium`
(what the price would have said), `contracts`, `rebuild` and `apply` (the updated map), `told` (its
tables), `store` (its folder). Beside it `lcc.carbon.updated`: what the next map reads of it.
"""

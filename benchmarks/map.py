"""The map of `lcc`, by one dimension: what `lcc map` does, without writing."""

from __future__ import annotations

import sys

import lcc

carbon = lcc.map_carbon(sys.argv[1], by=sys.argv[2])
print(carbon.arrow_table(sys.argv[2]).num_rows, carbon.arrow_total().to_pylist())

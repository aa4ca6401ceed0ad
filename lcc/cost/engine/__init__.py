"""The engine: named inputs, dated flows, price levels, present values; numbers or draws."""

"""Climate ratings of budget lines: scales, the table people edit, the green annex."""

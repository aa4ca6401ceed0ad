"""The climate budget: accounts, their crossing with families and tonnes, trajectory, plan."""

"""The action plan: the cheapest levers that hold the carbon budgets, and what to know of it."""

"""The action plan: the cheapest levers that hold the yearly carbon budgets, and what to know of it."""

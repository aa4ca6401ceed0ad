"""Time and money: discounting, growth of prices, textbook formulas, official rates."""

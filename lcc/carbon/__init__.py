"""Carbon: factors, the map from lines to kilograms, and the trail from a kilogram to its cell."""

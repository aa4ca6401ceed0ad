"""What others bear: carbon value, the guard against counting it twice, pollutants."""

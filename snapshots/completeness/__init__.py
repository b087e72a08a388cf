"""Whether a fetch is whole, and what state a day is in."""

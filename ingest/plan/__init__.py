"""Which days are due, and which raise an alarm."""

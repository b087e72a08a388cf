"""What changed at a site, from counts of raw fields."""

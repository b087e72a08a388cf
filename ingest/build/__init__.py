"""Archive to day: read the pages of a source-day, judge them, write the day."""

"""The table of sources: views, addresses, periods, calendars."""

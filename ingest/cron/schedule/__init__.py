"""Cron expressions and their times."""

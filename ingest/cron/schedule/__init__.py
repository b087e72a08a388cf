"""Cron expressions and the times they name."""

"""Scheduled runs: what `cron.yaml` says, when its jobs are due, and their running."""

"""Scheduled runs: reading `cron.yaml`, computing when its jobs are due, running and exporting them."""

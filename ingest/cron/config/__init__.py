"""cron.yaml: jobs, and what is wrong in it."""

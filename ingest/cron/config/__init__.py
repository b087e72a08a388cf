"""`cron.yaml`: its jobs, and diagnostics for what is wrong in it."""

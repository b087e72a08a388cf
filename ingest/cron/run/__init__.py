"""The scheduler: what is due, running jobs, hooks, state."""

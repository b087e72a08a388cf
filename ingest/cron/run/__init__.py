"""Running jobs: what is due, processes, hooks, the scheduler and its state."""

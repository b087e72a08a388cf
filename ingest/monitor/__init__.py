"""What needs attention: status, problems, drift, rejects, metrics."""

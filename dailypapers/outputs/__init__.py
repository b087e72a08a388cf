"""What people read, derived from the day files and certificates of a store; no output imports another."""

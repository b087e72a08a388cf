"""What every command prints and writes for two fixed stores, as hashes: a refactoring shows here what it changes."""

"""Kills, errors and power cuts at every call that changes a file (`shim.c` numbers them)."""

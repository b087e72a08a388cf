"""The pages of one view: pagination and reading."""

"""The commands of the pipeline, most in a file of their own; `fetching` is what those that fetch share."""

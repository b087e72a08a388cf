"""A mirror of a store on an object store: sending, fetching and verifying it."""

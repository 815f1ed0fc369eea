"""A source becomes renditions for HLS: planned by pure functions, done by supervised processes."""

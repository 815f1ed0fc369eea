"""Faults at random moments against a real server. `make torture` runs them; the suite does not."""

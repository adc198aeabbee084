"""Runs of analyses: rounds over the link, put together, with what became of each node."""

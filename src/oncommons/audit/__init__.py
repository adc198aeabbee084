"""Anybody who looks after a hub or a node proves here that its audit log is what it was."""

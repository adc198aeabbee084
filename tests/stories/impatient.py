"""A hub with less patience."""

from oncommons.hub.dispatch import book, running


def impatient():
    """A run of a killed process is free at once, and a round waits for a third of its time."""
    book.HELD_SECONDS, running.ROUND_SECONDS = 1.0, 10.0

"""Errors of deciding about applications, twigs of the branch of applications in :mod:`oncommons.schema.errors`."""

from __future__ import annotations

from oncommons.schema.errors_of_applications import ApplicationError


class MovedOn(ApplicationError, code="E395", title="It has changed since you looked"):
    """A step on an application that others have moved on since it was looked at."""


class NobodyDecides(ApplicationError, code="E396", title="Nobody is left who could decide"):
    """An application of all those who could be asked about it."""


class BadClocks(ApplicationError, code="E397", title="The clocks of this hub cannot be read"):
    """A file of clocks that names no state of the table, or no days."""

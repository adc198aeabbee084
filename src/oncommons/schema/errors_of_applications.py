"""Errors of writing an application, a branch of the tree in :mod:`oncommons.schema.errors`."""

from __future__ import annotations

from oncommons.schema.errors import OncommonsError


class ApplicationError(OncommonsError, code="E390", title="That cannot be done with an application"):
    """What was asked about an application cannot be done; nothing was changed."""


class BadForm(ApplicationError, code="E391", title="That is not a form"):
    """A file or text that does not have the shape of a form, or would lose what was answered."""


class ChangedMeanwhile(ApplicationError, code="E392", title="Somebody else has changed it"):
    """An answer that another person, or another tab, has changed since it was read; both texts are kept."""


class AttachmentRefused(ApplicationError, code="E393", title="The document cannot be attached"):
    """A document that is too large, empty, or of a kind that is not accepted."""


class NotComplete(ApplicationError, code="E394", title="The application is not complete"):
    """Something that the form asks for is missing or cannot be read; each is named."""

"""Errors of notices and the e-mails that tell of them, a branch of the tree in :mod:`oncommons.schema.errors`."""

from __future__ import annotations

from oncommons.schema.errors import OncommonsError


class NoticeError(OncommonsError, code="E353", title="The hub cannot send e-mail"):
    """No mail server is named, or what names it cannot be used."""


class MailNotSent(NoticeError, code="E354", title="The mail server did not take the e-mail"):
    """The mail server cannot be reached, is not to be trusted, or says no for now; the e-mail is tried again."""


class MailRefused(NoticeError, code="E355", title="The mail server refused the e-mail for good"):
    """The mail server takes no e-mail to this address, or not this one; it is not tried again."""

"""Errors of people and their accounts, a branch of the tree in :mod:`oncommons.schema.errors`."""

from __future__ import annotations

from oncommons.schema.errors import OncommonsError


class PeopleError(OncommonsError, code="E380", title="Something about people or accounts cannot be done"):
    """What was asked about people, roles or accounts cannot be done; nothing was changed."""


class SignInRefused(PeopleError, code="E381", title="The sign-in was refused"):
    """A wrong address, password or code; which of them is not told."""


class NotSignedIn(PeopleError, code="E382", title="Sign in first"):
    """Something that only people who are signed in may do."""


class NotAllowed(PeopleError, code="E383", title="Your roles or your token do not allow this"):
    """Somebody who is signed in, without the role or the scope that this needs."""


class TooManyTries(PeopleError, code="E384", title="Too many wrong tries"):
    """So many wrong passwords or codes that the next one has to wait."""


class InviteRefused(PeopleError, code="E385", title="The link is not valid"):
    """A link of an invitation, or for a new password, that is wrong, used or expired."""


class BadPassword(PeopleError, code="E386", title="The password is not good enough"):
    """A new password that is too short, too long or too easy to guess."""


class ForeignForm(PeopleError, code="E387", title="The form is not one of this hub's"):
    """A form that was sent by a page of another site, or by a page that is too old."""


class LastOperator(PeopleError, code="E388", title="The hub needs an operator"):
    """The last operator of a hub, who cannot be removed."""


class LinksOff(PeopleError, code="E398", title="This hub sends no such link"):
    """A link by e-mail, at a hub that has no mail server or whose operator has turned such links off."""


class OtherBrowser(PeopleError, code="E399", title="The link works in the browser that asked for it only"):
    """A link from an e-mail, opened in another browser than the one in which it was asked for."""


class ProviderFailed(PeopleError, code="E389", title="A sign-in at a provider has failed"):
    """A provider of identities that does not answer, or answers with what cannot be trusted."""


class NotStrongEnough(PeopleError, code="E379", title="The hub asks for a stronger sign-in at the provider"):
    """Somebody who signed in at a provider in another way than the hub asks for, such as without a second factor."""

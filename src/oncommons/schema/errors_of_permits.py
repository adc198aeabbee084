"""Errors of permits and of applications for them, a branch of the tree in :mod:`oncommons.schema.errors`."""

from __future__ import annotations

from oncommons.schema.errors import OncommonsError


class PermitError(OncommonsError, code="E370", title="A permit does not let it through"):
    """What was asked is not let through by a permit."""


class BadPermit(PermitError, code="E371", title="That is not a permit"):
    """A file or text that does not have the shape of a permit, or contradicts itself."""


class PermitNotTrusted(PermitError, code="E372", title="The permit is not to be trusted"):
    """A permit that is forged or changed, or that another hub has signed."""


class PermitNeeded(PermitError, code="E373", title="Questions need a permit here"):
    """A question without a permit at a node that answers none without."""


class BeyondPermit(PermitError, code="E374", title="The permit does not cover the question"):
    """A rule refuses the question; it is named in the message."""


class NoSuchPermit(PermitError, code="E375", title="No such permit"):
    """No permit bears the name, the word beside it is wrong, or the permit was taken back."""


class ImagesNotOpened(PermitError, code="E377", title="The token opens no images here"):
    """A token for images that is missing, has ended, is forged, or was made for another node."""


class ImagesClosed(PermitError, code="E378", title="Images are not given to the outside here"):
    """A node whose data manager lets nobody outside have images."""


class ConsentAwaited(PermitError, code="E420", title="It waits for the consent of the node's data manager"):
    """A question that runs once the node's data manager has agreed to it; it is no refusal."""


class TooManyWait(PermitError, code="E421", title="Too many questions wait for the node's data manager"):
    """A question that needs a data manager's consent, where too many wait already."""


class NoticeNotTrusted(PermitError, code="E422", title="The list of permits that were taken back is not to be trusted"):
    """A list of permits that was forged, is older than the one that the node has, or is another node's."""


class NotTheirMove(PermitError, code="E376", title="The step cannot be taken now, or not by them"):
    """A step of an application that its state or the role of the person does not allow; nothing was changed."""

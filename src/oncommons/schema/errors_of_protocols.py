"""Errors of talking with others in their protocols, of archives of files and of the audit: parts of the tree in :mod:`oncommons.schema.errors`."""

from __future__ import annotations

from oncommons.schema.errors import ImageError, OncommonsError


class DialectError(OncommonsError, code="E340", title="The request is not in the dialect of this address"):
    """A request at an address for clients of another standard that does not have that standard's shape."""


class Untranslatable(DialectError, code="E341", title="A condition cannot be carried"):
    """A filter or condition of another dialect that our question cannot say; it is never dropped."""


class RecordsNotGiven(DialectError, code="E342", title="Records of single people are not given"):
    """Records of single people or images were asked for."""


class NobodyAnswered(DialectError, code="E343", title="No node answered"):
    """No node answered, so there is no number; that is not the same as zero."""


class PacsError(OncommonsError, code="E610", title="The archive of images cannot be used"):
    """An archive of images (PACS) cannot be used."""


class PacsUnreachable(PacsError, code="E611", title="The archive of images cannot be reached"):
    """No answer from an archive of images."""


class PacsRefused(PacsError, code="E612", title="The archive of images refuses"):
    """An archive of images will not do what was asked."""


class BadPacsAddress(PacsError, code="E613", title="The address or title of an archive cannot be read"):
    """An address or an AE title that cannot be one."""


class BadSearch(ImageError, code="E616", title="The search for images cannot be answered"):
    """A search for images that cannot be read or answered."""


class BadUpload(ImageError, code="E618", title="Objects cannot be sent in this way"):
    """Objects that are sent in another way than as DICOM."""


class AuditError(OncommonsError, code="E360", title="The audit log cannot be used"):
    """An audit log, or what is to be compared with it, cannot be used."""


class NoAuditLog(AuditError, code="E361", title="There is no audit log"):
    """The directory or database has no audit log."""


class BadCheckpoint(AuditError, code="E362", title="The checkpoint is not valid"):
    """A checkpoint that cannot be read, or that the owner of the log has not signed."""


class LockedArchive(ImageError, code="E640", title="The archive is locked"):
    """A member of an archive that needs a password."""


class DamagedArchive(ImageError, code="E641", title="The archive is damaged"):
    """An archive that cannot be read to its end."""


class ArchiveTooLarge(ImageError, code="E642", title="The archive is too large"):
    """An archive that grows or holds more than can be handled."""


class NestedArchive(ImageError, code="E643", title="The archive lies too deep in others"):
    """An archive in an archive in an archive."""


class NotAcceptable(ImageError, code="E615", title="None of the formats asked for can be given"):
    """None of the formats asked for can be given."""


class NoPicture(ImageError, code="E617", title="The object cannot be shown"):
    """An object that cannot be shown."""


class NotLetIn(ImageError, code="E619", title="The token of this node is needed"):
    """The caller has not shown the token of this node."""

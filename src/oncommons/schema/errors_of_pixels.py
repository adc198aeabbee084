"""Errors of what an image shows, a branch of the tree in :mod:`oncommons.schema.errors`."""

from __future__ import annotations

from oncommons.schema.errors import ImageError


class DocumentInside(ImageError, code="E620", title="It holds a document or a voice"):
    """A document or a voice that no rule can clean."""


class UnreadablePixels(ImageError, code="E625", title="The pixels cannot be looked at"):
    """Pixels that must be looked at cannot be decoded."""


class TooMuchToLook(ImageError, code="E626", title="The image has more pixels than are looked through"):
    """It has more pixels than are looked through."""


class ShowsFace(ImageError, code="E627", title="The image may show a face"):
    """A face could be recognised in it or rebuilt from it."""

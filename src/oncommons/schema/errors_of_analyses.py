"""Errors of analyses, and of what a node's rule cannot tell: branches of the tree in :mod:`oncommons.schema.errors`."""

from __future__ import annotations

from oncommons.schema.errors import MachineError, OncommonsError


class AnalysisError(OncommonsError, code="E410", title="The analysis cannot be made"):
    """An analysis that has no answer, such as a coefficient without bound."""


class OutputWithheld(AnalysisError, code="E411", title="The node keeps its result to itself"):
    """An output rule of a node does not let its part of a result out; the message says which, and what would pass."""


class NotAdmitted(AnalysisError, code="E412", title="The node does not make this analysis"):
    """A node whose data manager does not admit an analysis, or whose rule tells no sums, or of another version."""


class BadPartial(AnalysisError, code="E413", title="A node sent what cannot be a part of the result"):
    """A part of a result with numbers that cannot be, or of another shape; the message names the node."""


class PartnerUnknown(AnalysisError, code="E414", title="A hospital of the sum is not the one that was known"):
    """A hospital of a secured sum whose key has changed, or which the data manager has not confirmed and must."""


class PeopleChanged(AnalysisError, code="E415", title="The people of a run have changed while it was made"):
    """Somebody has opted out, or data came in, between two rounds of a secured sum; the hub begins the run anew."""


class TooFewNodes(AnalysisError, code="E416", title="Too few nodes take part"):
    """A run in which fewer nodes take part than must; the message says why the others do not."""


class TooManyWithheld(AnalysisError, code="E423", title="Too many results were withheld from the project"):
    """A project from which a node has withheld so many results that it makes no more for a time."""


class TooManyRuns(AnalysisError, code="E417", title="Too many analyses are being made"):
    """A run where as many go on as may at once; the message says whose."""


class RunCancelled(AnalysisError, code="E418", title="The analysis was cancelled"):
    """A run that somebody waits for, and that was cancelled."""


class BadRecord(AnalysisError, code="E419", title="What was given is not the record of a run"):
    """A file or value that is not the record of a run, so that it can be neither made nor drawn again."""


class NotConforming(AnalysisError, code="E421", title="The analysis does not pass its checks"):
    """An analysis that others have written, and that a node does not admit; the message says what is wrong with it."""


class FiguresNeedPackage(MachineError, code="E422", title="Figures need another package"):
    """What figures are drawn with is not installed; the message says what installs it."""


class BeyondPrivacy(OncommonsError, code="E690", title="The rule private cannot answer the question"):
    """A question that a node's rule private cannot answer, whatever the data are."""

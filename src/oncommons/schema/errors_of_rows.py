"""Errors of clinical data, of labels and of commands, three branches of the tree in :mod:`oncommons.schema.errors`.

Those of clinical data are mostly of single rows, told in a report.
"""

from __future__ import annotations

from oncommons.schema.errors import NodeError, OncommonsError


class ClinicalRowError(OncommonsError, code="E330", title="Something of a clinical row cannot be read"):
    """Told row by row in the report of an import, which goes on."""


class NoMappingAccepted(NodeError, code="E311", title="No row of the file of mappings is good"):
    """A file of mappings without a good row."""


class RowWithoutPerson(ClinicalRowError, code="E331", title="A row of nobody"):
    """A row without a person, or with another number of cells than the header."""


class UnknownClinicalCode(ClinicalRowError, code="E332", title="A value that no code list has"):
    """A coded value that no rule reads; it counts as missing."""


class DuplicatePerson(ClinicalRowError, code="E333", title="A person or a series is there twice"):
    """Rows about the same person or series that contradict each other, or a series that is there twice, alike."""


class ImpossibleDate(ClinicalRowError, code="E334", title="A date that cannot be"):
    """A text that is not a date, or a date out of its order."""


class MixedEncoding(ClinicalRowError, code="E335", title="A line in another encoding than the rest"):
    """A line, or an entry of a bundle, that is not UTF-8; it was read as Windows-1252."""


class UnreadableNumber(ClinicalRowError, code="E336", title="A number or unit that cannot be read"):
    """A value that cannot be asked for; its text is kept."""


class DanglingReference(ClinicalRowError, code="E337", title="A reference to what is not there"):
    """A row that refers to a person, a diagnosis or images that are not there."""


class NotFhir(ClinicalRowError, code="E338", title="The file is not a bundle of FHIR"):
    """JSON that is not FHIR R4, or no JSON at all: a file, a line or an entry, of which nothing could be taken."""


class NotOmop(NodeError, code="E339", title="The database is not one of OMOP"):
    """A database without the tables of the common data model."""


class CommandError(OncommonsError, code="E680", title="The command cannot be carried out as it was given"):
    """What a command names does not fit what is there; nothing was changed."""


class UnwritableReport(CommandError, code="E681", title="The file cannot be written there"):
    """A file that was asked for, such as a report, in a place where it cannot be made; nothing was begun."""


class SourceTwice(CommandError, code="E682", title="The file is taken in already under another name"):
    """A file of which all rows would count twice; nothing was changed."""


class NotANumber(NodeError, code="E365", title="It cannot be a person's number or pseudonym"):
    """What was given as the number or the pseudonym of a person cannot be one; nothing was changed."""


class OptOutsLost(NodeError, code="E366", title="The list of those who opted out is gone or damaged"):
    """Without the list nobody knows who opted out, so nothing is answered."""


class LabelError(OncommonsError, code="E350", title="Labels of codes cannot be used"):
    """What a command for labels names does not fit; nothing was changed."""


class BadLabels(LabelError, code="E351", title="The file holds no labels that can be imported"):
    """A file of labels in none of the known forms, or without a single good row; nothing was changed."""


class NoSuchLabels(LabelError, code="E352", title="No such labels"):
    """A name that no imported set of labels bears; nothing was changed."""

"""Errors of others' protocols are in the one tree, wherever it is read from."""

from oncommons.schema.errors import error_from_json, every_error
from oncommons.schema.errors_of_protocols import BadPacsAddress, DialectError, PacsError, Untranslatable


def test_they_are_branches_of_the_tree():
    assert {DialectError, Untranslatable, PacsError, BadPacsAddress} <= set(every_error())


def test_they_come_back_from_the_wire_as_they_were():
    fault = error_from_json(Untranslatable("No such code.", at="filters[0]").to_json())
    assert (type(fault), fault.message, fault.at) == (Untranslatable, "No such code.", "filters[0]")

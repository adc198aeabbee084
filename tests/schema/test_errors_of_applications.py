"""Errors of writing applications."""

from oncommons.schema import errors
from oncommons.schema.errors_of_applications import ApplicationError


def test_the_docstring_of_the_tree_names_them():
    told = errors.__doc__ or ""
    mine = [kind.code for kind in errors.every_error() if kind.__module__ == ApplicationError.__module__]
    assert sorted(mine) == ["E390", "E391", "E392", "E393", "E394"]
    assert [code for code in mine if code not in told] == []

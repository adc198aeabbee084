"""Errors of deciding about applications."""

from oncommons.schema import errors
from oncommons.schema.errors_of_decisions import MovedOn


def test_the_docstring_of_the_tree_names_them():
    told = errors.__doc__ or ""
    mine = [kind.code for kind in errors.every_error() if kind.__module__ == MovedOn.__module__]
    assert sorted(mine) == ["E395", "E396", "E397"]
    assert [code for code in mine if code not in told] == []

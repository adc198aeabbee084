"""Errors of notices."""

from oncommons.schema import errors
from oncommons.schema.errors_of_notices import NoticeError


def test_the_docstring_of_the_tree_names_them():
    told = errors.__doc__ or ""
    mine = [kind.code for kind in errors.every_error() if issubclass(kind, NoticeError)]
    assert sorted(mine) == ["E353", "E354", "E355"]
    assert all(code in told for code in mine)

"""Errors of what an image shows."""

from oncommons.schema import errors, errors_of_pixels


def test_the_docstring_of_the_tree_names_them():
    mine = [kind.code for kind in errors.every_error() if kind.__module__ == errors_of_pixels.__name__]
    assert sorted(mine) == ["E620", "E625", "E626", "E627"]
    assert all(code in (errors.__doc__ or "") for code in mine)

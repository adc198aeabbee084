"""Errors of people."""

import subprocess
import sys

from oncommons.schema import errors
from oncommons.schema.errors_of_people import PeopleError


def test_they_are_in_the_tree_wherever_it_is_read():
    code = "from oncommons.schema.errors import every_error; print(any(k.code == 'E388' for k in every_error()))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True\n"


def test_the_docstring_of_the_tree_names_them():
    told = errors.__doc__ or ""
    assert [k.code for k in errors.every_error() if issubclass(k, PeopleError) and k.code not in told] == []

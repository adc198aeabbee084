"""Errors of analyses have codes of their own hundred, and say who keeps what."""

import pytest

from oncommons.schema import errors_of_analyses
from oncommons.schema.errors import MachineError, OncommonsError
from oncommons.schema.statuses import status_of

KINDS = [k for k in vars(errors_of_analyses).values() if isinstance(k, type) and issubclass(k, OncommonsError)]


OURS = [k for k in KINDS if k.__module__ == errors_of_analyses.__name__ and not issubclass(k, MachineError)]


@pytest.mark.parametrize("kind", OURS)
def test_an_error_of_an_analysis_is_never_a_fault_of_ours(kind):
    assert "E410" <= kind.code <= "E429" or kind.code == "E690"
    assert status_of(kind("It cannot be.")) in {403, 409, 422, 429, 502}

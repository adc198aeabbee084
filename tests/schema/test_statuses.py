"""The nearest class in the tree of errors decides the status; each kind by itself is in ``tests/service/test_http.py``."""

from oncommons.schema import errors
from oncommons.schema.statuses import status_of


def test_an_error_of_a_new_kind_has_the_status_of_its_branch():
    class Newer(errors.StorageFull, code="E499", title="A disk that is full in a new way"):
        pass

    assert status_of(Newer("")) == 507


def test_every_error_has_a_status_of_a_fault():
    assert {status_of(kind("")) // 100 for kind in errors.every_error()} == {4, 5}

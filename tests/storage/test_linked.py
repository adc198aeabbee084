"""What an object refers to, as a value; the statements are tried with a ledger in test_ledger_links."""

from oncommons.storage.linked import Linked


def test_an_object_that_names_nothing_has_neither_targets_nor_lost_names():
    one = Linked("9.1", "9", "report")
    assert (dict(one.targets), one.lost) == ({}, frozenset())

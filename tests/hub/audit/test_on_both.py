"""The same entries are shown from SQLite and from PostgreSQL."""

from tests.hub.audit.test_showing import show, story  # noqa: F401  fixture


def test_an_answer_is_whole_on_both(database, story):  # noqa: F811
    assert [one["kept"] for one in show(database, ["athens", "bergen"])] == [True, True, None]

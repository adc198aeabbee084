"""An answer under the rule private: noisy numbers, and nothing else that follows from the data."""

import pytest
from tests.node.tables import index_of

from oncommons.node.index.people import nobody
from oncommons.node.share.private import release_private
from oncommons.policy.disclosure.counts import WITHHELD
from oncommons.policy.disclosure.private import reach
from oncommons.schema.answer_json import node_answer_from_json, node_answer_to_json
from oncommons.schema.parsing import parse_question


class Quiet:
    """Noise that is always zero, of a small scale."""

    scale = 0.5

    def add(self, numbers):
        return list(numbers)


FAR = reach(1, Quiet.scale)


@pytest.fixture(scope="module")
def index():
    """Thirty women, twelve men and eight of whom nothing is told, two of them with a PET besides their MR."""
    sexes = ["F"] * 30 + ["M"] * 12 + [None] * 8
    rows = [{"person": f"p{n}", "sex": sex, "modality": "MR"} for n, sex in enumerate(sexes)]
    found = index_of(*rows, *({"person": f"p{n}", "sex": "F", "modality": "PT"} for n in (1, 2)), without=("age",))
    yield found
    found.close()


def released(index, body, rows=0):
    question = parse_question(body)
    answer = release_private(question, index.ask(question, few=nobody if rows else None), Quiet(), rows)
    assert node_answer_from_json(node_answer_to_json(answer)) == answer
    (dataset,) = answer.datasets
    return dataset


def test_people_are_told_around_the_truth(index):
    told = released(index, {"count": "person", "where": {"field": "sex", "in": ["F"]}})
    assert (told.certain.at_least, told.certain.at_most) == (30 - FAR, 30 + FAR)
    wide = reach(2, Quiet.scale)
    assert (told.possible.at_least, told.possible.at_most) == (38 - wide, 38 + wide)


def test_how_many_lack_a_field_is_not_told(index):
    told = released(index, {"count": "person", "where": {"field": "sex", "in": ["F"]}})
    assert [(lack.known, lack.records, lack.of) for lack in told.lacking] == [(True, WITHHELD, WITHHELD)]


def test_what_the_source_does_not_have_is_said_to_be_unknown(index):
    told = released(index, {"count": "person", "where": {"field": "age", "between": [1, 9]}})
    assert ([use.path for use in told.unknown], told.applied) == (["where"], ())
    assert told.possible.at_least > 40


def test_groups_are_told_all(index):
    told = released(index, {"count": "person", "by": ["sex"]})
    found = {g.key["sex"]: g.certain for g in told.groups}
    assert found.keys() >= {"F", "M", "O", None}
    assert (found["F"].at_least, found[None].at_least, found["O"].at_least) == (30 - FAR, 8 - FAR, 0)


def test_rows_are_counted_as_far_as_they_count(index):
    assert released(index, {"count": "series"}, rows=16).certain.at_least == 52 - FAR
    assert released(index, {"count": "series"}, rows=1).certain.at_least == 50 - FAR

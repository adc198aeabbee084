"""What questions are put to is what clinical tables mean: the brute-force oracle, on made and on real tables."""

import pytest
from tests.node.clinicals import take_hospital
from tests.oracle import generator, kleene
from tests.oracle.clinical import two_hospitals

from oncommons.node.home import make_home
from oncommons.node.index.asking import Index
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.parsing import parse_question


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Two hospitals in the node's tables, and the same as the oracle made them."""
    folder = tmp_path_factory.mktemp("clinical")
    home = make_home(folder / "node", Policy("open"))
    hospitals = two_hospitals(seed=4)
    for hospital in hospitals:
        take_hospital(home, folder, hospital)
    index = Index(home.tables.open())
    yield index, [person for hospital in hospitals for person in hospital.people]
    index.close()


def told(index, body):
    found = {}
    for tally in index.ask(parse_question(body)):
        certain, possible = sum(c.certain for c in tally.cells), sum(c.possible for c in tally.cells)
        groups = {c.key: (c.certain, c.possible) for c in tally.cells if c.key}
        found[tally.state.name] = kleene.Counted(certain, possible, groups)
    return found


@pytest.mark.parametrize("seed", range(160))
def test_random_clinical_questions_are_answered_as_the_oracle_answers(both, seed):
    index, people = both
    body = generator.question(seed, world=generator.CLINICAL)
    expected = kleene.answer(body, people)
    assert told(index, body) == expected, body


def test_the_random_questions_have_matches_and_gaps(both):
    """Guards the test above."""
    _, people = both
    found = [kleene.answer(generator.question(seed, world=generator.CLINICAL), people) for seed in range(0, 160, 3)]
    counted = [one for answer in found for one in answer.values()]
    assert sum(one.certain > 0 for one in counted) > len(counted) / 4
    assert sum(one.possible > one.certain for one in counted) > len(counted) / 4
    assert sum(len(one.groups) > 1 for one in counted) > len(counted) / 10

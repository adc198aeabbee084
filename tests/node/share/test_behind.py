"""Under a threshold, rows are told by the people behind them: brute force over plain rows judges every number."""

import random
from collections import defaultdict
from functools import lru_cache

import pytest
from tests.node.tables import index_of
from tests.oracle import generator
from tests.oracle.kleene import Dataset, Row, keys_of, rows_of, truth_of, value_of

from oncommons.node.report.cards import write_cards
from oncommons.node.share.release import release_answer
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.parsing import parse_question

K = 5
POLICY = Policy("threshold", K)
WORLD = generator.World(
    ("study", "series", "series"),
    ("series", "study", "person"),
    {"person": ("sex",), "study": ("study_year",), "series": ("modality", "manufacturer", "instances")},
)


def hospital(seed, more=0):
    """Forty people, of whom some have very many series; as rows of a table and as rows of the oracle.

    ``more`` series are added to the one person who has ultrasound made by GE.
    """
    rng = random.Random(seed)
    raw, people = [], []
    for n in range(40):
        sex = rng.choice(("F", "F", "M", None))
        person = Row("person", Dataset("d"), {} if sex is None else {"sex": sex})
        for s in range(rng.choice((1, 1, 2))):
            study = person.add("study")
            number = rng.choice((1, 1, 2, 3, 30))
            raw += [a_series(rng, study, (n, s), rng.choice(("CT", "CT", "MR", "PT", None))) for _ in range(number)]
        if n == 0:
            raw += [a_series(rng, person.children[0], (0, 0), "US", "GE") for _ in range(5 + more)]
        people.append(person)
    for row in raw:
        row["sex"] = people[int(row["person"][1:])].values.get("sex", "")
    return index_of(*raw, without=["study_year"], behind=True), people


def a_series(rng, study, place, modality, maker=None):
    """A series of the study of this person and number, as a row of a table; the oracle's study gets it too."""
    values = {"modality": modality, "manufacturer": maker or rng.choice(("GE", "SIEMENS", None, None))}
    values |= {"instances": 7 if maker else rng.choice((1, 20, None))}
    study.add("series", **{k: v for k, v in values.items() if v is not None})
    person, number = place
    texts = {k: "" if v is None else str(v) for k, v in values.items()}
    return {"person": f"p{person}", "study": f"p{person}.{number}"} | texts


def brute(body, people):
    """By codes: the rows, and the people, of which the question is true, not false, and unknown."""
    found = defaultdict(lambda: [[0, set()], [0, set()], [0, set()]])
    for n, person in enumerate(people):
        for row in rows_of(body["count"], person):
            truth = truth_of(body.get("where"), row)
            for place, fits in enumerate((truth is True, truth is not False, truth is None)):
                if fits:
                    cell = found[tuple(value_of(name, row) for name in keys_of(body))][place]
                    cell[0] += 1
                    cell[1].add(n)
    return {key: [(rows, len(who)) for rows, who in cells] for key, cells in found.items()}


def judge(certain, possible, truth):
    (rows, people), (all_rows, all_people), (_, between) = truth
    for told, number, behind in ((certain, rows, people), (possible, all_rows, all_people)):
        assert told.at_least <= number
        assert told.at_most is None or number <= told.at_most
        assert told.at_least % K == 0
        if behind < K:
            assert (told.at_least, told.at_most, told.precision) == (0, None, "suppressed")
    if between < K:
        assert (possible.at_least, possible.at_most) == (certain.at_least, None)


@pytest.fixture(scope="module")
def made():
    index, people = hospital(1)
    yield index, people
    index.close()


@pytest.fixture(scope="module")
def truths(made):
    """Seed to what brute force finds for its question."""
    return lru_cache(maxsize=None)(lambda seed: brute(generator.question(seed, world=WORLD), made[1]))


NOTHING = [(0, 0), (0, 0), (0, 0)]


@pytest.mark.parametrize("seed", range(120))
def test_nothing_is_told_of_rows_of_too_few_people(made, truths, seed):
    index, _ = made
    body = generator.question(seed, world=WORLD)
    question = parse_question(body)
    (told,) = release_answer("n", question, index.ask(question), POLICY).datasets
    truth = truths(seed)
    if told.unlisted is None:
        judge(told.certain, told.possible, truth.get((), NOTHING))
        return
    listed = {tuple(group.key[name] for name in keys_of(body)): group for group in told.groups}
    assert all(truth[key][1][1] >= K for key in listed)
    assert told.certain.at_most is None or len(listed) == len(truth)
    assert (told.unlisted.at_least, told.unlisted.at_most) == (0, None)
    for key, group in listed.items():
        judge(group.certain, group.possible, truth[key])


def test_the_questions_meet_rows_of_few_people_and_of_many(truths):
    """Guards the test above."""
    cells = [cell for seed in range(120) for cell in truths(seed).values()]
    assert sum(0 < people < K <= rows for (rows, people), *_ in cells) > 10
    assert sum(people >= K for (_, people), *_ in cells) > 20
    assert sum(0 < between < K <= rows for *_, (rows, between) in cells) > 3


ULTRASOUND = {"field": "modality", "in": ["US"]}


@pytest.mark.parametrize(
    "body",
    [
        {"count": "series", "where": ULTRASOUND},
        {"count": "series", "where": {"all": [ULTRASOUND, {"field": "manufacturer", "in": ["GE"]}]}},
        {"count": "series", "by": ["modality"]},
        {"count": "series", "by": ["modality", "manufacturer"]},
    ],
)
def test_how_many_rows_one_person_has_shows_nowhere(body):
    """But in groups of many: rows of unknown modality are possible here, and of many people."""
    answers, cards = [], []
    for more in (0, 40):
        index, _ = hospital(2, more)
        question = parse_question(body)
        (told,) = release_answer("n", question, index.ask(question), POLICY).datasets
        answers.append((told.certain, None if "where" in body else told.possible, told.groups, told.unlisted))
        cards.append([card.codes for card in write_cards(index.datasets.values(), index.people_by_code(), POLICY)])
        index.close()
    assert answers[0] == answers[1]
    assert cards[0] == cards[1]


def test_numbers_of_rows_that_lack_a_field_are_told_by_the_people_behind_them():
    rows = [{"person": f"p{n % 30}", "modality": "CT", "manufacturer": "GE", "instances": "1"} for n in range(60)]
    rows += [{"person": "p3", "modality": "CT", "instances": "1"} for _ in range(20)]
    rows += [{"person": f"p{n}", "modality": "CT", "manufacturer": "GE"} for n in range(20)]
    index = index_of(*rows, behind=True)
    some = [{"field": "manufacturer", "in": ["GE"]}, {"field": "instances", "between": [1, None]}]
    question = parse_question({"count": "series", "where": {"any": [{"field": "modality", "in": ["CT"]}, *some]}})
    (told,) = release_answer("n", question, index.ask(question), POLICY).datasets
    index.close()
    assert {lack.field: (str(lack.records), str(lack.of)) for lack in told.lacking} == {
        "modality": ("not told", "not told"),
        "manufacturer": ("not told", "not told"),
        "instances": ("20–24", "100–104"),
    }


def test_a_card_tells_no_number_of_rows_of_too_few_people():
    rows = [{"person": "p0", "study": f"t{n}", "modality": "CT"} for n in range(30)]
    index = index_of(*rows, behind=True)
    (card,) = write_cards(index.datasets.values(), index.people_by_code(), POLICY)
    index.close()
    assert {entity: str(count) for entity, count in card.records.items()} == {
        "person": "<5",
        "study": "not told",
        "series": "not told",
    }


def test_rows_without_the_people_behind_them_are_refused():
    index = index_of({"person": "p"})
    question = parse_question({"count": "series"})
    with pytest.raises(ValueError, match="people behind"):
        release_answer("n", question, index.ask(question), POLICY)
    index.close()

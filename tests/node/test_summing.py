"""How a node takes part in sums: with whom it knows, of whom it said, and as long as nothing can be solved."""

import json
from dataclasses import replace

import pytest

from oncommons.node.home import Membership, make_home
from oncommons.node.summing import Asked, Together, company_in, private_of, together_of, unknowns
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.masking import together
from oncommons.schema.errors import MalformedQuestion
from oncommons.schema.errors_of_analyses import AnalysisError, OutputWithheld, PartnerUnknown, PeopleChanged
from oncommons.schema.run import parse_run
from oncommons.storage.analysed import Analysed

NAMES = ("athens", "bergen", "cork", "delft")
NODES = {name: Together(name, bytes([place + 1]) * 32) for place, name in enumerate(NAMES)}
FEMALE = {"is": {"field": "sex", "in": ["F"]}}
RUN = {
    "analysis": "glm",
    "variables": {
        "died": {"is": {"field": "vital_status", "in": ["DEAD"]}},
        "time": {"value": "follow_up"},
        "sex": {"levels": {"a": FEMALE["is"], "b": {"not": FEMALE["is"]}, "c": {"not": FEMALE["is"]}}},
        "unused": FEMALE,
    },
    "settings": {"outcome": "died", "covariates": ["time", "sex"], "family": "binomial"},
}
COLUMNS = {"field a": 1, "field b": 1, "field c": 1, "field d": 1, "column a": 3, "column b": 1}
CROWD = (1 << 50) - 1
FOUND = {"information": [[4.0, 1.0], [1.0, 2.0]], "target": [0.5, 2.0]}  # four different numbers


@pytest.fixture
def ledgers(tmp_path):
    found = {name: Analysed(tmp_path / f"{name}.sqlite") for name in NAMES}
    yield found
    for one in found.values():
        one.close()


def asked(name, told, crowd=CROWD, run=RUN):
    parsed = parse_run(run)
    planes = frozenset({(f"{name}-lung", crowd)})
    return Asked(parsed, told, NODES[name].table_of(parsed, 5, str(crowd).encode()), planes, COLUMNS)


def company(*names, crowds=None):
    crowds = crowds or {}
    return {
        name: NODES[name].offer(asked(name, {}, crowds.get(name, CROWD)))
        for name in names or ("athens", "bergen", "cork")
    }


def told(name, ledgers, state, others=None, found=FOUND, **change):
    """What one node says in a round, as its node would call it."""
    body = {"version": 1, "state": state, "with": others or company()}
    body = json.loads(json.dumps(body | change.pop("told", {})))
    one, ledger = change.pop("node", NODES[name]), ledgers[name]
    one.meet(body, ledger, 1.0)
    with ledger.alone():
        return one.part(asked(name, body, **change), found, ledger, 1.0)


def test_the_sum_of_three_is_seen(ledgers):
    parts = [told(name, ledgers, {"beta": [0.25]}) for name in ("athens", "bergen", "cork")]
    assert together(parts) == {"information": [[12.0, 3.0], [3.0, 6.0]], "target": [1.5, 6.0]}


@pytest.mark.parametrize(
    "other",
    [{"told": {"state": {"beta": [0.250000001]}}}, {"told": {"version": 2}}, {"run": RUN | {"cohort": FEMALE["is"]}}],
)
def test_one_that_is_asked_something_else_leaves_noise(ledgers, other):
    parts = [told(name, ledgers, {"beta": [0.25]}) for name in ("athens", "bergen")]
    with pytest.raises((ValueError, PeopleChanged)):
        together([*parts, told("cork", ledgers, {"beta": [0.25]}, **other)])


def test_who_is_told_of_another_company_leaves_noise(ledgers):
    parts = [told(name, ledgers, {"beta": [0.25]}) for name in ("athens", "bergen", "cork")]
    wrong = told("cork", ledgers, {"beta": [0.25]}, company() | {"delft": company("delft")["delft"]})
    with pytest.raises(ValueError, match="cancel"):
        together([*parts[:2], wrong])


@pytest.mark.parametrize("change", [{"people": 49}, {"table": "0"}, {"key": company("delft")["delft"]["key"]}])
def test_its_own_entry_is_its_own(ledgers, change):
    others = company()
    with pytest.raises(PeopleChanged):
        told("athens", ledgers, {}, others | {"athens": others["athens"] | change})
    with pytest.raises(PeopleChanged):
        told("athens", ledgers, {}, {name: one for name, one in others.items() if name != "athens"})


def test_people_that_change_are_noticed(ledgers):
    with pytest.raises(PeopleChanged):
        told("athens", ledgers, {}, crowd=CROWD ^ 1)


def test_a_key_that_changes_is_refused_until_it_is_confirmed(ledgers):
    told("athens", ledgers, {"n": 1})
    others = company()
    moved = others | {"bergen": others["bergen"] | {"key": company("delft")["delft"]["key"]}}
    with pytest.raises(PartnerUnknown, match="bergen has another key"):
        told("athens", ledgers, {"n": 2}, moved)
    ledgers["athens"].confirm_partner("bergen", ledgers["athens"].partners()["bergen"].offered)
    told("athens", ledgers, {"n": 2}, moved)
    with pytest.raises(PartnerUnknown):
        told("athens", ledgers, {"n": 3}, others)


def test_a_node_can_ask_for_confirmed_ones_only(ledgers):
    careful = replace(NODES["athens"], confirmed=True)
    with pytest.raises(PartnerUnknown, match="not confirmed"):
        told("athens", ledgers, {}, node=careful)
    for name, partner in ledgers["athens"].partners().items():
        ledgers["athens"].confirm_partner(name, partner.offered)
    told("athens", ledgers, {}, node=careful)


def test_two_are_too_few(ledgers):
    with pytest.raises(OutputWithheld, match="rule company"):
        told("athens", ledgers, {}, company("athens", "bergen"))


def test_rounds_end_before_they_can_be_solved_and_the_same_one_again_costs_nothing(ledgers):
    """150 people with four columns are 600 unknowns; half of that are 75 rounds of four numbers."""
    for _ in range(3):
        for turn in range(75):
            told("athens", ledgers, {"n": turn})
    with pytest.raises(OutputWithheld, match="rule unknowns"):
        told("athens", ledgers, {"n": 75})
    told("athens", ledgers, {"n": 74})


def test_a_hospital_that_comes_or_goes_is_not_told_apart(ledgers):
    """Delft has 12 people: 48 unknowns, of which two sums may tell 24 numbers, six rounds."""
    crowds = {"delft": (1 << 12) - 1}
    for turn in range(6):
        told("athens", ledgers, {"n": turn})
        told("athens", ledgers, {"n": turn}, company(*NAMES, crowds=crowds))
    told("athens", ledgers, {"n": 6})
    with pytest.raises(OutputWithheld, match="two sums differ"):
        told("athens", ledgers, {"n": 6}, company(*NAMES, crowds=crowds))


def test_nobody_is_told_apart_by_a_cohort_without_them(ledgers):
    without = CROWD ^ 0b1
    told("athens", ledgers, {"n": 1})
    with pytest.raises(OutputWithheld, match="two sums differ"):
        told("athens", ledgers, {"n": 1}, company(crowds={"athens": without}), crowd=without)
    assert len(ledgers["athens"].sums()) == 1


def test_other_people_are_other_people(ledgers):
    told("athens", ledgers, {"n": 1})
    other = CROWD << 50
    told("athens", ledgers, {"n": 1}, company(crowds={"athens": other}), crowd=other)


def test_what_cannot_be_added_is_no_part(ledgers):
    with pytest.raises(AnalysisError, match="cannot be added up"):
        told("athens", ledgers, {}, found={"x": 1e300})
    assert ledgers["athens"].sums() == []


@pytest.mark.parametrize(
    ("columns", "number"), [(COLUMNS, 4), ({"field a": 1, "column a": 3}, 1), ({"field a": 1, "field b": 1}, 0)]
)
def test_of_each_person_no_more_is_unknown_than_there_are_fields_and_columns(columns, number):
    assert unknowns(columns) == number


@pytest.mark.parametrize(
    "body",
    [
        None, [], {"a": 1}, {"a": {}}, {"a": {"key": "AA==", "people": 1, "table": "t"}},
        {"a": {"key": "?", "people": 1, "table": "t"}}, {"a": company()["athens"] | {"people": -1}},
        {"a": company()["athens"] | {"people": True}}, {"a": company()["athens"] | {"table": 5}},
    ],
)  # fmt: skip
def test_what_names_no_company_is_refused(body):
    with pytest.raises(MalformedQuestion):
        company_in(body)


def test_a_node_that_has_joined_nobody_secures_nothing(tmp_path):
    home = make_home(tmp_path / "node", Policy("threshold", 5))
    assert together_of(home) is None
    home = home.with_membership(Membership("athens", "u", "i", {}))
    found = together_of(home)
    assert (found.name, found.private, found.confirmed) == ("athens", private_of(home.sums_file), False)
    assert together_of(home.with_confirmed(confirmed=True)).confirmed

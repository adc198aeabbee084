"""Rounds of analyses at a node: over its real tables, and held back by its rules."""

import json
from contextlib import closing

import numpy as np
import pytest
from lifelines import CoxPHFitter
from tests.node.followed import COX, CURVES, RUN, lung, take_people
from tests.permits import HUB, NOW, a_permit

from oncommons.algorithms.asking import chosen
from oncommons.algorithms.compare import COMPARE
from oncommons.algorithms.correlation import CORRELATION
from oncommons.algorithms.cox import COX as COX_PAIR
from oncommons.algorithms.describe import DESCRIBE as DESCRIBE_PAIR
from oncommons.algorithms.glm import GLM
from oncommons.algorithms.pair import Result
from oncommons.node.compute import Round, Strictness, compute
from oncommons.node.desk import Desk, Terms
from oncommons.node.home import Membership, make_home
from oncommons.node.optouts import opt_out
from oncommons.node.permits import Gate
from oncommons.node.recording import Asker, open_log
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors_of_analyses import AnalysisError, NotAdmitted, OutputWithheld
from oncommons.schema.errors_of_permits import BeyondPermit, PermitNeeded
from oncommons.schema.run import parse_run
from oncommons.service.analyses import analysis_named
from oncommons.service.identity import OrderReader
from oncommons.storage.analysed import Analysed
from oncommons.storage.decisions import Person

BY = Person("dm", "command line")
VARIABLES = (
    "person.sex", "person.follow_up", "person.vital_status", "condition.age_at_diagnosis", "measurement.value",
    "measurement.marker", "condition.code",
)  # fmt: skip
MADE = frozenset(
    {"compare", "competing", "correlation", "cox", "crosstab", "describe", "glm", "meta", "survival", "validation"}
)
TERMS = Terms("P-7", frozenset({"lung"}))


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Makes nodes with the whole trial, by their rule."""
    folder = tmp_path_factory.mktemp("filled")
    made = {}

    def make(policy):
        if policy not in made:
            made[policy] = make_home(folder / policy.rule / str(policy.k), policy).with_analyses(MADE)
            take_people(made[policy], folder, lung())
        return made[policy]

    return make


@pytest.fixture
def desk(filled):
    opened = []

    def make(policy=None):
        opened.append(Desk(filled(policy or Policy("open"))))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def told(desk, body, state=None, version=None, terms=TERMS):
    version = version or analysis_named(body["analysis"]).version
    return desk.compute(parse_run(body), {"version": version, "state": state}, Asker("lung", "j", "", "P-7"), terms)


def fitted(desk, body):
    """The result of one node alone."""
    state, settings = None, chosen(COX_PAIR, parse_run(body))
    while not isinstance(state, Result):
        state = COX_PAIR.combine(settings, state, {"a": json.loads(json.dumps(told(desk, body, state)["part"]))})
    return state


def test_a_model_over_the_nodes_tables_is_that_of_the_table_they_came_from(desk):
    found = fitted(desk(), COX).found["coefficients"]
    oracle = lung()[["time", "status", "age", "sex"]].assign(sex=lung()["sex"] - 1)
    fit = CoxPHFitter().fit(oracle, "time", "status", fit_options={"precision": 1e-14})
    assert found["age"] == pytest.approx(fit.params_["age"], abs=1e-10)
    assert found["female"] == pytest.approx(fit.params_["sex"], abs=1e-10)


def test_people_of_whom_a_variable_is_missing_are_left_out_and_counted(desk):
    marker = {"value": "value", "of": "measurement", "where": {"field": "marker", "in": ["KARNOFSKY"]}}
    body = COX | {"variables": RUN["variables"] | {"karnofsky": marker}}
    body |= {"settings": COX["settings"] | {"covariates": ["age", "karnofsky"]}}
    found = told(desk(), body)
    lacking = int(lung()["ph.karno"].isna().sum())
    assert lacking > 0
    assert (found["people"], found["missing"]) == (227 - lacking, lacking)


def test_a_cohort_is_who_fulfils_it_for_certain(desk):
    found = told(desk(), CURVES | {"cohort": {"field": "sex", "in": ["F"]}})["part"]
    assert list(found["groups"]) == ["yes"]
    assert sum(sum(one[1]) for one in found["groups"]["yes"].values()) == (lung()["sex"] == 2).sum()


def test_datasets_that_the_permit_does_not_cover_are_left_out(desk):
    found = told(desk(), COX, terms=Terms("P-7", frozenset({"skin"})))
    assert (found["people"], found["part"]["people"]) == (0, 0)


@pytest.mark.parametrize("k", [2, 5, 20])
def test_every_number_of_a_curve_rests_upon_k_people(desk, k):
    found = told(desk(Policy("threshold", k)), CURVES)["part"]["groups"]
    assert all(number >= max(k, 3) for group in found.values() for one in group.values() for number in one[1])


def test_a_result_that_tells_of_few_stays_and_says_why(desk):
    old = CURVES | {"cohort": {"some": "condition", "where": {"field": "age_at_diagnosis", "between": [80, None]}}}
    with pytest.raises(OutputWithheld, match="The rule people says: a result rests upon at least 10"):
        told(
            desk(Policy("noise", 10)), old | {"analysis": "glm", "settings": {"outcome": "time", "covariates": ["age"]}}
        )


def test_two_analyses_of_nearly_the_same_people_cannot_be_set_off(filled, tmp_path):
    home = make_home(tmp_path / "node", Policy("threshold", 10)).with_analyses(MADE)
    take_people(home, tmp_path, lung())
    desk = Desk(home)
    told(desk, CURVES)
    told(desk, CURVES)
    but_few = {"not": {"some": "condition", "where": {"field": "age_at_diagnosis", "between": [81, None]}}}
    assert 0 < (lung()["age"] > 80).sum() < 10
    with pytest.raises(OutputWithheld, match="The rule difference"):
        told(desk, CURVES | {"cohort": but_few})
    desk.close()
    again = Desk(home)
    with pytest.raises(OutputWithheld, match="The rule difference"):
        told(again, CURVES | {"cohort": but_few})
    told(again, CURVES | {"cohort": {"field": "sex", "in": ["F"]}})
    again.close()


KARNOFSKY = {"value": "value", "of": "measurement", "where": {"field": "marker", "in": ["KARNOFSKY"]}}
KNOWN = {"some": "measurement", "where": {"field": "marker", "in": ["KARNOFSKY"]}}
DESCRIBE = {"analysis": "describe", **RUN, "settings": {"variables": ["age", "died"], "by": "female"}}
BARE = {"analysis": "glm", "settings": {"outcome": "time", "covariates": ["age"]}}


def node(folder, k=5):
    home = make_home(folder / "node", Policy("threshold", k)).with_analyses(MADE)
    take_people(home, folder, lung())
    return Desk(home)


def test_a_variable_that_plays_no_role_does_not_hide_whose_rows_are_used(tmp_path):
    lacking = int(lung()["ph.karno"].isna().sum())
    assert 0 < lacking < 5
    with closing(node(tmp_path)) as desk:
        wide = RUN["variables"] | {"karnofsky": KARNOFSKY}
        found = told(desk, BARE | {"variables": wide})
        assert (found["people"], found["missing"]) == (227, 5)
        with pytest.raises(OutputWithheld, match="The rule difference"):
            told(desk, BARE | {"variables": wide, "settings": {"outcome": "time", "covariates": ["karnofsky"]}})


def test_a_description_of_the_nodes_tables_is_that_of_the_table_they_came_from(desk):
    found = told(desk(Policy("threshold", 12)), DESCRIBE)["part"]
    women = lung()[lung()["sex"] == 2]
    assert found["people"] == [(lung()["sex"] == 1).sum(), len(women)]
    assert found["numbers"]["age"]["sums"][1] == women["age"].sum()
    assert found["levels"]["died"][1] == [(women["status"] == 0).sum(), women["status"].sum()]


def test_of_a_group_that_a_description_told_of_nobody_is_taken_away(tmp_path):
    """The sum of a group, less that of the group without few people, would be that of the few."""
    old = {"some": "condition", "where": {"field": "age_at_diagnosis", "between": [75, None]}}
    few = ((lung()["age"] >= 75) & (lung()["sex"] == 2)).sum()
    assert 0 < few < 10
    women = {"all": [{"field": "sex", "in": ["F"]}, {"not": old}]}
    with closing(node(tmp_path, 10)) as desk:
        told(desk, DESCRIBE)
        with pytest.raises(OutputWithheld, match="The rule difference"):
            told(desk, BARE | {"cohort": women, "variables": RUN["variables"]})


def test_few_who_are_missing_keep_a_description_here_and_a_cohort_without_them_passes(tmp_path):
    body = {"analysis": "describe", "variables": {"karnofsky": KARNOFSKY}, "settings": {"variables": ["karnofsky"]}}
    with closing(node(tmp_path)) as desk:
        with pytest.raises(OutputWithheld, match=r"The rule cells.*every variable is known"):
            told(desk, body)
        assert told(desk, body | {"cohort": KNOWN})["part"]["people"] == [lung()["ph.karno"].notna().sum()]


@pytest.mark.parametrize("age", [82, 83])
def test_whether_a_cell_has_few_or_nobody_is_not_told(tmp_path, age):
    """A level that somebody fulfils and one that nobody does are refused with the same words."""
    assert [((lung()["age"] == 82).sum() > 0), (lung()["age"] == 83).sum() == 0] == [True, True]
    old = {"some": "condition", "where": {"field": "age_at_diagnosis", "between": [age, age]}}
    body = {"analysis": "crosstab", "variables": RUN["variables"] | {"old": {"is": old}}}
    with closing(node(tmp_path)) as desk, pytest.raises(OutputWithheld) as caught:
        told(desk, body | {"settings": {"rows": "old", "columns": "died"}})
    assert caught.value.message == (
        "The rule cells says: each number that can be told apart rests upon at least 5 people. "
        "Join levels of which few people are, or ask for people of whom every variable is known."
    )


def test_a_hospitals_own_model_is_told_where_sums_of_several_rounds_are_not(tmp_path):
    settings = COX["settings"] | {"model": "cox"}
    with closing(node(tmp_path)) as desk:
        with pytest.raises(NotAdmitted, match="sums are secured with other hospitals"):
            told(desk, COX)
        found = told(desk, COX | {"analysis": "meta", "settings": settings})["part"]["terms"]
    oracle = lung()[["time", "status", "age", "sex"]].assign(sex=lung()["sex"] - 1)
    fit = CoxPHFitter().fit(oracle, "time", "status", fit_options={"precision": 1e-14})
    assert found["age"] == pytest.approx([fit.params_["age"], fit.standard_errors_["age"]], rel=1e-8)
    assert found["female"] == pytest.approx([fit.params_["sex"], fit.standard_errors_["sex"]], rel=1e-8)


def test_a_node_under_private_or_of_another_version_makes_none(desk):
    with pytest.raises(NotAdmitted, match="private"):
        told(desk(Policy("private")), COX)
    with pytest.raises(NotAdmitted, match="version 1"):
        told(desk(), COX, version=2)


def test_a_node_makes_what_its_data_manager_has_admitted_and_stops_at_once(desk):
    one = desk(Policy("threshold", 12))
    assert told(one, CURVES)["people"] > 0
    one.home.with_analyses(frozenset({"cox"}))
    with pytest.raises(NotAdmitted, match="has not admitted the analysis survival"):
        told(one, CURVES)
    assert make_home(one.home.folder.parent / "new", Policy("open")).analyses == frozenset()
    one.home.with_analyses(MADE)


@pytest.mark.parametrize("rule", ["threshold", "noise"])
@pytest.mark.parametrize(
    ("run", "made"),
    [
        (COX, False), (COX | {"settings": COX["settings"] | {"baseline": "common"}}, False), (CURVES, True),
        (COX | {"analysis": "glm", "settings": {"outcome": "time", "covariates": ["age"]}}, True),
        (COX | {"analysis": "glm", "settings": {"outcome": "died", "covariates": ["age"], "family": "binomial"}}, False),
    ],
)  # fmt: skip
def test_sums_at_several_states_are_never_told_alone_unless_data_are_open(desk, rule, run, made):
    one = desk(Policy(rule, 10))
    if made:
        assert "sums" not in told(one, run)
    else:
        with pytest.raises(NotAdmitted, match=r"has joined none|only open data"):
            told(one, run)
    assert told(desk(Policy("open")), run)["people"] == 227


def test_what_leaves_stands_in_the_log_by_its_hash_and_what_does_not_by_its_reason(desk):
    one = desk(Policy("threshold", 11))
    told(one, CURVES)
    with pytest.raises(NotAdmitted):
        told(one, CURVES, version=9)
    with closing(open_log(one.home)) as log:
        entries = [json.loads(line) for line in log.lines()][-2:]
    assert [entry["kind"] for entry in entries] == ["computed", "refused"]
    assert entries[0]["body"]["question"] == parse_run(CURVES).to_json()
    assert (entries[0]["body"]["permit"], len(entries[0]["body"]["answer"])) == ("P-7", 64)
    assert entries[1]["body"]["code"] == "E412"


def test_who_has_opted_out_is_in_no_sum(tmp_path):
    home = make_home(tmp_path / "node", Policy("open")).with_analyses(MADE)
    take_people(home, tmp_path, lung())
    desk = Desk(home)
    before = told(desk, COX)["people"]
    opt_out(home, ["p000"], BY)
    assert told(desk, COX)["people"] == before - 1
    desk.close()


def test_rows_that_are_kept_between_rounds_end_with_a_new_import_and_serve_no_other_permit(tmp_path):
    home = make_home(tmp_path / "node", Policy("open")).with_analyses(MADE)
    take_people(home, tmp_path, lung())
    desk = Desk(home)
    before = told(desk, COX)["people"]
    assert told(desk, COX, terms=Terms("P-8", frozenset()))["people"] == 0
    take_people(home, tmp_path, lung().iloc[:100])
    assert told(desk, COX)["people"] < before
    desk.close()


def test_an_order_for_an_analysis_passes_the_permit_or_does_not(filled):
    home = filled(Policy("open")).with_membership(Membership("athens", "u", HUB.name, HUB.keys()))
    gate = Gate(Desk(home), OrderReader(HUB.keys()), lambda: NOW)

    def answer(body, permit):
        beside = {} if permit is None else {"person": "ana", "permit": HUB.permit(permit, NOW)}
        return gate.answer(gate.read(HUB.order("j", {"run": body, "version": 1, "state": None}, NOW, beside)))

    held = [{"node": "athens", "dataset": "lung"}]
    wide = a_permit(HUB, datasets=held, variables=list(VARIABLES), analyses=["cox"])
    assert answer(COX, wide)["people"] == 227
    with pytest.raises(BeyondPermit, match="survival is not among the analyses"):
        answer(CURVES, wide)
    with pytest.raises(BeyondPermit, match=r"condition\.age_at_diagnosis"):
        answer(COX, a_permit(HUB, id="P-8", datasets=held, variables=["person.sex"], analyses=["cox"]))
    with pytest.raises(PermitNeeded):
        answer(COX, None)
    gate.close()
    gate.desk.close()


def numbers(*columns):
    """Variables, and rows of one dataset with their values."""
    variables = {f"n{i}": {"value": "follow_up"} for i in range(len(columns))}
    return variables, [("lung", i, *row) for i, row in enumerate(zip(*columns, strict=True))]


def released(tmp_path, analysis, settings, columns, state=None):
    variables, rows = numbers(*columns)
    if "by" in settings:
        variables[settings["by"]] = {"is": {"field": "sex", "in": ["F"]}}
    run = parse_run({"analysis": analysis.name, "variables": variables, "settings": settings})
    with closing(Analysed(tmp_path / "a.sqlite")) as ledger:
        return compute(Round(run, analysis, {"state": state}, None), rows, Strictness(5), ledger, NOW)


def test_of_a_group_in_which_one_makes_up_the_sum_no_mean_is_compared(tmp_path):
    half, rich = [float(i < 10) for i in range(20)], [1.0 + i for i in range(20)]
    settings = {"outcome": "n0", "by": "n1"}
    assert released(tmp_path, COMPARE, settings, (rich, half))["people"] == 20
    with pytest.raises(OutputWithheld, match="The rule dominance"):
        released(tmp_path, COMPARE, settings, ([*rich[:-1], 1e6], half))


def test_products_that_could_be_solved_for_the_rows_are_not_told(tmp_path):
    columns = [[float((i * (7 + j)) % 13) for i in range(15)] for j in range(4)]
    settings = {"variables": ["n0", "n1", "n2", "n3"]}
    assert released(tmp_path, CORRELATION, settings, columns)["people"] == 15
    with pytest.raises(OutputWithheld, match="The rule rows"):
        released(tmp_path, CORRELATION, settings, [column[:13] for column in columns])


def test_the_same_people_give_the_same_bins_whatever_grid_a_hub_sends(tmp_path):
    columns, settings = ([float(i % 37) for i in range(90)],), {"variables": ["n0"]}
    bins = [
        released(tmp_path, DESCRIBE_PAIR, settings, columns, {"means": {"n0": [0.0]}, "grids": {"n0": grid}})["part"]
        for grid in ([1, -3, 0], [1, -3, 17], [5, 2, 0])
    ]
    assert bins[0] == bins[1] == bins[2]
    assert len(bins[0]["numbers"]["n0"]["bins"][0][1]) > 4


def test_what_has_no_answer_at_a_node_is_told(tmp_path):
    body = {"analysis": "glm", **RUN, "settings": {"outcome": "time", "covariates": ["age"], "family": "binomial"}}
    rows = [("lung", i, 3.0 * i, 1.0, 50.0 + i, 0.0) for i in range(9)]
    asked = Round(parse_run(body), GLM, {"state": None}, None)
    with closing(Analysed(tmp_path / "a.sqlite")) as ledger, pytest.raises(AnalysisError, match="yes or no"):
        compute(asked, rows, Strictness(1, public=True), ledger, NOW)


def missing_of(ledger, lacking, strictness):
    """Of how many people a variable is told to be missing, of 100 who are always the same and some who lack it."""
    chance = np.random.default_rng(3)
    rows = [("d", i, chance.normal(), chance.normal()) for i in range(100)]
    rows += [("d", 100 + i, None, 1.0) for i in lacking]
    body = {
        "analysis": "correlation",
        "variables": {"x": {"value": "follow_up"}, "y": {"value": "follow_up"}},
        "settings": {"variables": ["x", "y"]},
    }
    asked = Round(parse_run(body), CORRELATION, {"state": None}, None)
    return compute(asked, rows, strictness, ledger, 0.0)["missing"]


@pytest.mark.parametrize(("lacking", "told_of", "open_of"), [(0, 5, 0), (1, 5, 1), (5, 5, 5), (6, 10, 6)])
def test_nobody_learns_of_how_few_a_variable_is_missing(tmp_path, lacking, told_of, open_of):
    """Whoever asks says what a level is, and so of whom it is missing."""
    with closing(Analysed(tmp_path / "analysed.sqlite")) as ledger:
        assert missing_of(ledger, range(lacking), Strictness(5)) == told_of
        assert missing_of(ledger, range(lacking), Strictness(5, public=True)) == open_of


def test_one_more_of_whom_a_variable_is_missing_is_not_seen_where_the_number_goes_up(tmp_path):
    """The people who are analysed are the same each time, so that no rule objects."""
    with closing(Analysed(tmp_path / "analysed.sqlite")) as ledger:
        told = [missing_of(ledger, range(number), Strictness(5)) for number in (5, 6, 9, 10, 14, 5, 20)]
        assert told == [5, 5, 5, 10, 10, 5, 20]
        assert missing_of(ledger, range(5), Strictness(8)) == 8

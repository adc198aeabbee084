"""Meta-analyses over nodes: against fits by hospital, put together by hand, and where there is none."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.meta_analysis import combine_effects
from tests.algorithms.federation import run, split, splits
from tests.algorithms.meta.trials import TRIALS, odds
from tests.algorithms.tables import made, rossi

from oncommons.algorithms.meta import META
from oncommons.algorithms.meta.combine import combine
from oncommons.algorithms.pair import Table, Unanswerable

SETTINGS = {"covariates": ["x"], "model": "binomial", "method": "dl", "intervals": "normal", "level": 0.95}


def tabled(result, name):
    head, *rows = result.tables[name]
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_each_hospital_fits_its_own_and_the_hub_puts_them_together():
    parts = split(made(), splits(600, 4)["even"])
    settings = {"model": "binomial", "outcome": "binomial", "covariates": ["x", "s"], "method": "fixed"}
    found = run(META, parts, settings)
    effects = []
    for table in parts.values():
        rows = table.complete("x", "s", "binomial").columns
        matrix = sm.add_constant(np.stack([rows["x"], rows["s"]], axis=1))
        fit = sm.GLM(rows["binomial"], matrix, sm.families.Binomial()).fit(tol=1e-13)
        effects.append([(fit.params[i], fit.bse[i]) for i in (1, 2)])
    for place, term in enumerate(("x", "s")):
        estimates, errors = np.array(effects)[:, place].T
        oracle = combine_effects(estimates, errors**2, method_re="chi2")
        told, studies = tabled(found, "terms")[place], tabled(found, "studies")[4 * place : 4 * place + 4]
        assert (told["term"], told["nodes"], told["degrees"]) == (term, 4, 3)
        assert [told["coefficient"], told["error"]] == pytest.approx(
            [oracle.mean_effect_fe, oracle.sd_eff_w_fe], rel=1e-8
        )
        assert [one["estimate"] for one in studies] == pytest.approx(estimates, rel=1e-8)
        assert [one["weight"] for one in studies] == pytest.approx(oracle.weights_rel_fe, rel=1e-8)
        assert [one["low"] for one in studies] == pytest.approx(estimates - 1.959964 * errors, rel=1e-6)
        assert [one["node"] for one in studies] == sorted(parts)
    assert found.found["coefficients"]["x"] == tabled(found, "terms")[0]["coefficient"]
    assert found.found["people"] == made().complete("x", "s").people


def test_of_trials_the_estimates_are_their_odds_ratios():
    small = [0, 1, 2, 5, 9]
    parts = {}
    for trial in small:
        numbers = TRIALS[trial].astype(int)
        columns = {"ill": np.repeat([1.0, 0, 1, 0], numbers), "got": np.repeat([1.0, 1, 0, 0], numbers)}
        parts[f"trial-{trial}"] = Table(columns)
    found = run(META, parts, {"model": "binomial", "outcome": "ill", "covariates": ["got"]})
    studies = tabled(found, "studies")
    assert found.warnings == ()
    estimates, variances = odds()
    assert [one["estimate"] for one in studies] == pytest.approx(estimates[small], rel=1e-9)
    assert [one["error"] for one in studies] == pytest.approx(np.sqrt(variances[small]), rel=1e-9)


def test_it_is_near_the_pooled_model():
    parts = split(rossi(), splits(432, 3)["even"])
    settings = {"model": "cox", "time": "week", "event": "arrest", "covariates": ["age", "prio"], "method": "fixed"}
    found = run(META, parts, settings).found["coefficients"]
    assert found["age"] == pytest.approx(-0.0706, abs=0.02)  # pooled by lifelines
    assert found["prio"] == pytest.approx(0.0976, abs=0.02)


def told(*effects, term="x"):
    return {f"n{i}": {"people": 50, "terms": {term: list(one)} if one else {}} for i, one in enumerate(effects)}


def test_a_node_without_people_and_a_level_that_some_lack_are_left_out():
    settings = SETTINGS | {"covariates": ["g", "x"], "levels": {"g": ("a", "b", "c")}}
    partials = told((0.1, 0.2), (0.3, 0.2), None)
    partials["n0"]["terms"]["g=c"] = [1.0, 0.5]
    found = combine(settings, None, partials)
    assert (found.found["studies"], found.found["people"]) == (2, 100)
    assert [(one["term"], one["nodes"]) for one in tabled(found, "terms")] == [("g=c", 1), ("x", 2)]
    assert tabled(found, "terms")[0]["i_squared"] is None
    assert found.warnings[0] == "g=c has no estimate at n1."
    assert found.warnings[1].startswith("Of 2 hospitals, how much they differ can hardly be told")


def test_one_node_alone_is_no_meta_analysis():
    with pytest.raises(Unanswerable, match="two nodes"):
        combine(SETTINGS, None, told((0.1, 0.2), None))


@pytest.mark.parametrize("bad", [(0.1, 0.0), (0.1, -1.0), (float("nan"), 1.0), (0.1, float("inf"))])
def test_a_node_that_lies_is_seen(bad):
    with pytest.raises(ValueError, match="no estimate"):
        combine(SETTINGS, None, told((0.1, 0.2), bad))
    with pytest.raises(ValueError, match="no estimate"):
        combine(SETTINGS, None, told((0.1, 0.2), (0.1, 0.2), term="y"))


def test_the_order_in_which_nodes_answer_does_not_matter():
    partials = told((0.1, 0.2), (0.5, 0.3), (-0.2, 0.1))
    first, again = combine(SETTINGS, None, partials), combine(SETTINGS, None, dict(reversed(partials.items())))
    assert first == again
    assert len(first.warnings) == 1

"""What criteria cost, as a page shows it."""

from urllib.parse import parse_qs, urlsplit

from tests.schema.test_feasibility import weighed

from oncommons.schema.answer import exact
from oncommons.schema.feasibility import Feasibility
from oncommons.web.criteria import criteria_view


def test_the_costliest_criterion_stands_first():
    view = criteria_view(weighed())
    assert [row.relaxed.gain for row in view.rows] == [exact(7), exact(0)]
    assert (view.best.text, view.noun, view.nodes) == ("sex is F", "people", ("athens", "bologna"))
    assert [bar.text for bar in view.chart.bars] == ["7", "0"]


def test_a_node_that_did_not_answer_has_no_gain():
    assert criteria_view(weighed()).rows[1].nodes == (exact(0), None)


def test_the_question_without_the_criterion_can_be_asked():
    query = parse_qs(urlsplit(criteria_view(weighed()).rows[0].href).query)
    assert query["do"] == ["ask"]
    assert "modality" in query["question"][0]
    assert "sex" not in query["question"][0]


def test_a_question_without_criteria_has_no_best():
    view = criteria_view(Feasibility({"count": "series"}, "Count series.", exact(1), ()))
    assert (view.best, view.rows, view.noun) == (None, (), "series")

"""An answer's page hides nothing: who is missing, what is unknown, how exact."""

from __future__ import annotations

from dataclasses import replace

from oncommons.schema.answer import Answer, Count, CriterionUse, DatasetAnswer, Group, Lack, NodeAnswer, exact
from oncommons.web.answers import answer_view, criteria_of, groups_of, meaning_of

SEX = CriterionUse("where.all[0]", "sex is F")
LATE_ONE = CriterionUse("where.all[10]", "age is 1 to 2")
AGE = CriterionUse("where.all[2]", "age is 40 to 50")
OPEN = NodeAnswer(
    "open",
    "answered",
    policy="open",
    milliseconds=9,
    datasets=(
        DatasetAnswer("none", exact(0), exact(0), applied=(SEX, AGE)),
        DatasetAnswer(
            "some", exact(5), exact(7), applied=(AGE, SEX), lacking=(Lack("age", "person", True, exact(2), exact(9)),)
        ),
    ),
)
SHY = NodeAnswer(
    "shy",
    "answered",
    datasets=(
        DatasetAnswer("few", Count(0, 9, "suppressed"), Count(0, 19, "suppressed"), applied=(SEX,), unknown=(AGE,)),
    ),
)
SILENT = NodeAnswer("mute", "silent", reason="Has never called the hub.")
ANSWER = Answer("id", {"count": "person"}, "Count people, by dataset.", (OPEN, SHY, SILENT), 12)


def test_the_headline_sums_what_is_included():
    view = answer_view(ANSWER)
    assert (view.certain, view.possible) == (Count(5, 14, "rounded"), Count(7, 26, "rounded"))
    assert view.noun == "people"
    assert [c.name for c in view.charts] == ["by-node", "by-dataset"]


def test_without_any_node_there_is_no_number_rather_than_zero():
    view = answer_view(replace(ANSWER, nodes=(SILENT,)))
    assert view.certain is None
    assert view.possible is None
    assert "not the same as zero" in view.meaning
    assert view.charts == ()


def test_numbers_that_agree_leave_no_doubt():
    sure = NodeAnswer("a", "answered", datasets=(DatasetAnswer("d", exact(3), exact(3)),))
    assert "leaves a doubt" in meaning_of(replace(ANSWER, nodes=(sure,)), "people")
    assert "lie between the two" in meaning_of(ANSWER, "people")


def test_criteria_are_numbered_in_the_order_of_the_question():
    late = replace(OPEN, datasets=(replace(OPEN.datasets[0], applied=(LATE_ONE, AGE, SEX)),))
    rows = criteria_of(replace(ANSWER, nodes=(late, SHY)))
    assert [(r.number, r.path) for r in rows] == [(1, "where.all[0]"), (2, "where.all[2]"), (3, "where.all[10]")]
    assert [(r.applied, r.unknown) for r in rows] == [(2, 0), (1, 1), (1, 0)]


def test_datasets_stand_by_what_they_tell():
    blocks = {b.answer.node: b for b in answer_view(ANSWER).blocks}
    assert [r.answer.dataset for r in blocks["open"].shown] == ["some"]
    assert [r.answer.dataset for r in blocks["open"].empty] == ["none"]
    assert [r.answer.dataset for r in blocks["shy"].hidden] == ["few"]
    assert blocks["shy"].hidden[0].unknown == (2,)
    assert "mute" not in blocks


def test_records_that_lack_a_field_have_a_column_each():
    view = answer_view(ANSWER)
    assert view.columns == (("age", "people"),)
    assert view.blocks[0].shown[0].lacks[0].records == exact(2)
    assert view.blocks[1].hidden[0].lacks == (None,)


def test_groups_are_summed_and_what_is_not_listed_adds_its_bound():
    one = DatasetAnswer(
        "a",
        exact(3),
        exact(3),
        groups=(Group({"sex": "F"}, exact(2), exact(2)), Group({"sex": None}, exact(1), exact(1))),
        unlisted=exact(0),
    )
    two = DatasetAnswer("b", Count(0, 9, "suppressed"), Count(0, 9, "suppressed"), unlisted=Count(0, 9, "suppressed"))
    answer = Answer("id", {"count": "person", "by": ["sex"]}, "", (NodeAnswer("n", "answered", datasets=(one, two)),))
    rows = {r.key: r.certain for r in groups_of(answer, ["sex"])}
    assert rows == {("F · female",): Count(2, 11, "rounded"), ("not recorded",): Count(1, 10, "rounded")}
    view = answer_view(answer)
    assert view.by == ("sex",)
    assert view.charts[0].title == "People by sex"


def test_late_numbers_are_shown_and_not_counted():
    late = replace(OPEN, status="late", reason="Answered 1.0 s after the deadline; not counted.")
    view = answer_view(replace(ANSWER, nodes=(late, SHY)))
    assert view.certain == Count(0, 9, "suppressed")
    assert [b.answer.node for b in view.blocks] == ["open", "shy"]


def test_an_entity_or_code_unknown_here_is_still_shown():
    node = NodeAnswer(
        "n",
        "answered",
        datasets=(
            DatasetAnswer(
                "d",
                exact(1),
                exact(1),
                lacking=(Lack("x", "vaccination", False, exact(1), exact(1)),),
                groups=(Group({"colour": "RED"}, exact(1), exact(1)),),
                unlisted=exact(0),
            ),
        ),
    )
    view = answer_view(Answer("id", {"count": "vaccination", "by": ["colour"]}, "", (node,)))
    assert view.noun == "rows"
    assert view.columns == (("x", "vaccination"),)
    assert view.groups[0].key == ("RED",)


def test_a_possible_count_without_bound_stays_in_sight():
    node = NodeAnswer("n", "answered", datasets=(DatasetAnswer("d", exact(0), Count(0, None, "suppressed")),))
    view = answer_view(replace(ANSWER, nodes=(node,)))
    assert view.blocks[0].hidden
    assert view.charts[-1].name == "by-dataset"


def test_datasets_of_one_name_at_two_nodes_are_told_apart():
    one = NodeAnswer(
        "a", "answered", datasets=(DatasetAnswer("d", exact(2), exact(2)), DatasetAnswer("e", exact(1), exact(1)))
    )
    two = NodeAnswer("b", "answered", datasets=(DatasetAnswer("d", exact(3), exact(3)),))
    chart = answer_view(replace(ANSWER, nodes=(one, two))).charts[-1]
    assert [d.label for d in chart.data] == ["d · b", "d · a", "e"]


def test_groups_put_together_have_a_name():
    one = DatasetAnswer("a", exact(3), exact(3), groups=(Group({"sex": "*"}, exact(3), exact(3)),), unlisted=exact(0))
    answer = Answer("id", {"count": "person", "by": ["sex"]}, "", (NodeAnswer("n", "answered", datasets=(one,)),))
    assert [r.key for r in groups_of(answer, ["sex"])] == [("others together",)]


def test_nodes_that_were_not_asked_are_not_missing():
    view = answer_view(replace(ANSWER, nodes=(*ANSWER.nodes, NodeAnswer("far", "unasked", reason="Not named."))))
    assert [node.node for node in view.missing] == ["mute"]

"""An answer in the terminal."""

from io import StringIO

import pytest
from rich.console import Console
from tests.client.answers import FEW, SOME, a_dataset, a_node, an_answer, explained, grouped

from oncommons.client.printing import print_answer
from oncommons.schema.answer import Count, CriterionUse, Lack, NodeAnswer, exact


def printed(answer, **options):
    paper = StringIO()
    print_answer(answer, Console(file=paper, width=200), **options)
    return paper.getvalue()


def test_the_sentence_comes_first_and_then_the_total():
    first, second = printed(an_answer()).strip().splitlines()[:2]
    assert first == "Count people where sex is F, by dataset."
    assert second == "Certain 3, possible 5, from 1 of 1 nodes in 20 ms."


def test_whoever_is_not_included_is_named_with_the_reason():
    text = printed(an_answer(a_node(), NodeAnswer("bologna", "silent", reason="Has never called the hub.")))
    assert "from 1 of 2 nodes" in text
    assert "Not included: bologna, silent. Has never called the hub." in text


def test_a_node_that_waits_for_its_data_manager_has_not_refused():
    text = printed(an_answer(a_node(), NodeAnswer("cork", "waiting", reason="Ask again.", code="E420")))
    assert "Not included: cork waits for its data manager. Ask again." in text
    assert "refused" not in text


def test_a_late_node_is_shown_but_not_counted():
    late = NodeAnswer("cork", "late", "Too late.", "", "open", (a_dataset(),), 99)
    text = printed(an_answer(a_node(), late))
    assert "Certain 3, possible 5, from 1 of 2 nodes" in text
    assert "(late, not counted)" in text


def test_what_was_applied_unknown_and_lacking_is_told():
    text = printed(an_answer(a_node("athens", explained())))
    assert "applied: sex is F\n" in text
    assert "unknown here: manufacturer is GE\n" in text
    assert "lacking: sex in 2 of 7 people, manufacturer is not held\n" in text


def test_what_is_withheld_is_said_once():
    untold = Count(0, None, "suppressed")
    lacking = (
        Lack("sex", "person", True, untold, untold),
        Lack("age", "person", True, untold, SOME),
        Lack("modality", "series", True, FEW, untold),
    )
    text = printed(an_answer(a_node("athens", a_dataset(lacking=lacking))))
    assert "    lacking: modality in <10 series; how many records lack sex or age is not told\n" in text
    more = (*lacking[:2], Lack("size", "measurement", True, untold, untold))
    assert "lack sex, age or size is not told\n" in printed(an_answer(a_node("athens", a_dataset(lacking=more))))
    text = printed(an_answer(a_node("athens", a_dataset(lacking=lacking[:1]))))
    assert "    how many records lack sex is not told\n" in text


def test_a_criterion_that_only_some_datasets_lack_says_in_how_many():
    other = a_dataset("brain", applied=(CriterionUse("where.all[1]", "manufacturer is GE"),))
    text = printed(an_answer(a_node("athens", explained(), other)))
    assert "unknown here: manufacturer is GE (in 1 of 2 datasets)" in text


def test_numbers_show_how_exact_they_are():
    text = printed(an_answer(a_node("athens", a_dataset(certain=FEW, possible=SOME))))
    (row,) = (line for line in text.splitlines() if line.startswith("  lung"))
    assert row.split() == ["lung", "<10", "certain", "40–49", "possible", "suppressed/rounded"]


def test_groups_stand_below_their_dataset():
    text = printed(an_answer(a_node("athens", grouped())))
    rows = [line.split()[0] for line in text.splitlines() if line.startswith("    ")]
    assert rows == ["F", "not"]
    assert "not recorded" in text


def test_the_largest_datasets_are_shown_and_the_rest_is_counted():
    datasets = [a_dataset(f"d{i}", exact(i), exact(i)) for i in range(6)]
    text = printed(an_answer(a_node("athens", *datasets)), most=2)
    shown = [line.split()[0] for line in text.splitlines() if line.startswith("  d")]
    assert shown == ["d5", "d4"]
    assert "and 4 more datasets" in text


def test_datasets_without_a_possible_row_are_only_counted():
    text = printed(an_answer(a_node("athens", a_dataset("none", exact(0), exact(0)), a_dataset("some"))))
    assert "none" not in text.replace("none certain", "")
    assert "and 1 more datasets" in text


def test_square_brackets_are_text_not_markup():
    strange = NodeAnswer("[bold]b[/]", "refused", reason="[/red] no")
    text = printed(an_answer(a_node("[a]", a_dataset("[/x]")), strange))
    assert all(part in text for part in ("[bold]b[/]", "[/red] no", "[a]", "[/x]"))


def test_a_long_line_is_not_broken():
    paper = StringIO()
    sentence = "Count people where " + "sex is F and " * 40
    answer = type(an_answer())("q", {}, sentence, (a_node(),), 1)
    print_answer(answer, Console(file=paper, width=40))
    assert sentence.strip() in paper.getvalue()


@pytest.mark.parametrize(
    "lack",
    [
        Lack("[/dim]", "person", False, exact(1), exact(1)),
        Lack("size", "measurement", True, exact(1), exact(1)),
    ],
)
def test_what_an_unlike_node_says_it_lacks_is_printed(lack):
    assert lack.field in printed(an_answer(a_node("athens", a_dataset(lacking=(lack,)))))


def test_control_characters_do_not_reach_the_terminal():
    assert "\x1b" not in printed(an_answer(NodeAnswer("cork", "refused", reason="\x1b]0;owned\x07")))


def test_nodes_that_were_not_asked_are_named_and_the_total_says_that_it_is_not_all():
    others = [NodeAnswer(name, "unasked", reason="Not named.") for name in ("bologna", "cork")]
    text = printed(an_answer(a_node(), *others))
    assert "from 1 of 1 nodes that were asked, of 3 in the federation, in 20 ms." in text
    assert "Not asked: bologna, cork. This is not the total of the federation." in text
    assert "Not included" not in text

"""Parts of nodes, judged and put together; where that cannot be, whose it is."""

import pytest

from oncommons.algorithms.pair import Analysis, Result, Unanswerable, added
from oncommons.hub.dispatch.judging import combined, judged
from oncommons.hub.dispatch.rules import Told
from oncommons.hub.dispatch.standing import Standing
from oncommons.schema.errors_of_analyses import AnalysisError, BadPartial


def adding(settings, _state, partials):
    found = added(partials, "x") * 2.0
    if len(partials) == settings.get("refuses"):
        raise Unanswerable("Nobody is left.")
    return Result({"x": found.tolist()})


SAID = {"name": "a", "version": 1, "title": "A", "says": "It adds.", "source": "nowhere", "roles": (), "settings": ()}
PAIR = Analysis(**SAID, exact=True, local=lambda *_: None, combine=adding, kinds={"people": "people"})
AT = Standing(("athens", "bergen", "cork"))
SUMS = {name: {"people": 5} for name in AT.nodes}


def told(**parts):
    return [Told(name, "answered", part, 5) for name, part in parts.items()]


def fault(at=AT, settings=None, **parts):
    with pytest.raises(BadPartial) as found:
        combined(PAIR, settings or {}, at, told(**parts))
    return found.value.message


def test_a_part_that_no_table_gives_is_refused_and_the_value_named():
    good, bad = judged(told(athens={"people": 5}, bergen={"people": 6}), PAIR.kinds, {})
    assert good.found == {"people": 5}
    assert (bad.status, bad.code, bad.found) == ("refused", "E413", None)
    assert bad.reason == "Sent numbers that no table gives, in people."
    refused = Told("cork", "refused", reason="No.")
    masked = Told("delft", "answered", {"people": 9}, 5)
    assert judged([refused, masked], PAIR.kinds, {"delft": {}}) == (refused, masked)


def test_parts_that_fit_are_put_together():
    assert combined(PAIR, {}, AT, told(athens={"x": 1.0}, bergen={"x": 2.0})).found == {"x": 6.0}
    with pytest.raises(AnalysisError, match="Nobody is left"):
        combined(PAIR, {"refuses": 1}, AT, told(athens={"x": 1.0}))


@pytest.mark.parametrize("wrong", [{}, {"x": "text"}, {"x": [1.0, 2.0, 3.0]}, {"x": 1e308}])
def test_who_does_not_fit_is_named(wrong):
    parts = {"athens": {"x": [1.0, 2.0]}, "bergen": wrong, "cork": {"x": [3.0, 4.0]}}
    assert fault(**parts).endswith("it is that of bergen.")


def test_where_the_rest_has_no_answer_it_is_still_the_one_that_does_not_fit():
    assert fault(settings={"refuses": 1}, athens={"x": 1.0}, bergen={}).endswith("it is that of bergen.")


def test_the_only_one_is_named_and_where_it_can_be_several_nobody_is():
    assert fault(athens={}).endswith("it is that of athens.")
    assert fault(athens={"x": [1.0, 2.0]}, bergen={"x": [1.0, 2.0, 3.0]}).endswith("it is that of athens and bergen.")
    assert fault(athens={}, bergen={}) == "The parts of the nodes do not fit together."


def masked(**changed):
    return {"shapes": {"x": []}, "masked": "A" * 43 + "="} | changed


def test_who_does_not_mask_as_the_others_is_named():
    at = Standing(AT.nodes, sums=SUMS)
    for wrong in (
        {"x": 1.0},
        masked(masked="?"),
        masked(shapes={"y": []}),
        masked(shapes={"x": [2]}, masked="A" * 86 + "=="),
    ):
        assert fault(at, athens=masked(), bergen=masked(), cork=wrong).endswith("it is that of cork.")
    said = fault(at, athens=masked(), bergen={}, cork={})
    assert said.endswith("Whose part it is cannot be seen.")


def test_a_sum_is_judged_as_that_of_all_its_people():
    at = Standing(AT.nodes, sums=SUMS)
    zero = masked(shapes={"people": [], "x": []}, masked="A" * 86 + "==")
    assert combined(PAIR, {}, at, told(athens=zero, bergen=zero, cork=zero)).found == {"x": 0.0}

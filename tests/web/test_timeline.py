"""What happened as geometry, against spans that were worked out by hand."""

import pytest

from oncommons.web.timeline import ROW, TOP, timeline


def day(number):
    return f"2026-10-{number:02d}T00:00:00+00:00"


def event(at, before, after, holder="", did="x"):
    return {"at": day(at), "before": before, "after": after, "holder": holder, "did": did}


def told(now, state, since, history, cases, **more):
    whole = {"now": day(now), "state": state, "since": day(since), "history": history, "cases": cases}
    return {**whole, "duties": [], "over": False, **more}


def case(state, since, until, name="athens"):
    return {"holder": name, "organisation": name.title(), "state": state, "since": day(since), "until": until}


def spans(lane):
    return [(span.x, span.width, span.kind) for span in lane.spans]


PASSED = [event(1, "draft", "check", did="submit"), event(3, "check", "review", did="pass")]


def test_bars_are_the_times_in_each_state_and_an_outline_is_what_is_left():
    history = [*PASSED, event(5, "review", "asked", "athens"), event(6, "asked", "review", "athens")]
    found = timeline(told(11, "review", 3, history, [case("review", 6, day(21))]))
    whole, athens = found.lanes
    assert spans(whole) == [(0.0, 10.0, "decide"), (10.0, 40.0, "decide")]
    assert spans(athens) == [
        (10.0, 10.0, "decide"),
        (20.0, 5.0, "answer"),
        (25.0, 25.0, "decide"),
        (50.0, 50.0, "left"),
    ]
    assert (found.now, athens.y, found.height) == (50.0, TOP + ROW, TOP + 2 * ROW + 20)
    assert found.ticks == ((0.0, "start", "2026-10-01"), (50.0, "middle", "now"), (100.0, "end", "2026-10-21"))


def test_before_the_holders_look_at_it_there_is_one_lane_with_its_clock():
    found = timeline(told(6, "check", 1, PASSED[:1], [case("review", 1, "")], duties=[{"until": day(11)}]))
    assert [spans(lane) for lane in found.lanes] == [[(0.0, 50.0, "decide"), (50.0, 50.0, "left")]]


def test_what_is_granted_goes_on_and_what_is_over_stands_still():
    history = [*PASSED, event(5, "review", "granted", "athens")]
    found = timeline(told(11, "granted", 5, history, [case("granted", 5, "")]))
    assert spans(found.lanes[0]) == [(0.0, 20.0, "decide"), (20.0, 20.0, "decide"), (40.0, 60.0, "done")]
    assert spans(found.lanes[1]) == [(20.0, 20.0, "decide"), (40.0, 0.6, "done")]
    over = timeline(
        told(21, "withdrawn", 5, [*PASSED, event(5, "review", "withdrawn")], [case("asked", 4, "")], over=True)
    )
    assert spans(over.lanes[0])[-1] == (20.0, 0.6, "decide")


def test_a_case_that_nobody_has_moved_is_as_it_stands():
    found = timeline(told(11, "review", 3, PASSED, [case("unmanned", 3, day(10))]))
    assert spans(found.lanes[1]) == [(20.0, 80.0, "decide")]
    assert found.lanes[1].state == "unmanned"


@pytest.mark.parametrize("now", [1, 2])
def test_the_first_moment_has_a_width(now):
    found = timeline(told(now, "check", 1, PASSED[:1], [], duties=[{"until": day(1)}]))
    assert all(0 <= span.x <= 100 and span.width > 0 for lane in found.lanes for span in lane.spans)

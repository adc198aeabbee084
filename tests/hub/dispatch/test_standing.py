"""Where a run stands: it can be written down and read again, and moves on by three steps."""

from dataclasses import replace

from oncommons.hub.dispatch.rules import Told
from oncommons.hub.dispatch.standing import Standing

SILENT = Told("bergen", "silent", reason="No answer in time.")
AT = Standing(("athens", "bergen"), asked=3, number=2, state={"beta": [0.1 + 0.2, 1e-300]})


def test_what_is_written_down_is_read_again_bit_for_bit():
    at = AT.without({"bergen": SILENT}, {"bergen": Told("bergen", "answered", {"x": 1}, 80, 3)})
    assert Standing.loads(at.dumps()) == at
    assert Standing.loads(AT.dumps()).state == AT.state


def test_every_round_has_a_name_of_its_own():
    lost = AT.without({"bergen": SILENT}, {})
    places = [AT, replace(AT, again=1), AT.next({}), lost, lost.next({}), replace(AT, again=2)]
    assert len({one.name("key") for one in places}) == len(places)
    assert all(one.name("key").startswith("key-") for one in places)


def test_who_is_lost_in_the_middle_makes_the_others_begin_anew_and_its_people_are_told():
    at = AT.without({"bergen": SILENT}, {"bergen": Told("bergen", "answered", {"x": 1}, 80, 3)})
    assert (at.nodes, at.state, at.attempt, at.number, at.asked) == (("athens",), None, 1, 0, 3)
    assert (at.lost["bergen"].people, at.lost["bergen"].missing, at.lost["bergen"].rounds) == (80, 3, 2)


def test_who_is_not_there_in_the_first_round_is_left_out_and_the_round_goes_on():
    first = Standing(("athens", "bergen"), asked=1)
    at = first.without({"bergen": SILENT}, {})
    assert (at.nodes, at.attempt, at.lost["bergen"]) == (("athens",), 0, SILENT)

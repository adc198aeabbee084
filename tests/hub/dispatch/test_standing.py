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


def test_who_takes_part_in_sums_is_said_in_the_first_round_and_holds_until_all_begins_anew():
    entry = {"key": "k", "people": 5, "table": "t"}
    told = [Told("athens", "answered", {}, 5, sums=entry), Told("bergen", "answered", {}, 7)]
    second = replace(AT, state=None).next({"round": 1}, told)
    assert second.sums == {"athens": entry}
    third = second.next({"round": 2}, [])
    assert Standing.loads(third.dumps()).sums == {"athens": entry}
    again = third.anew()
    assert (again.sums, again.state, again.nodes, again.attempt) == ({}, None, third.nodes, third.attempt + 1)
    assert third.without({"bergen": SILENT}, {}).sums == {}

"""Who took part, in numbers and sentences."""

from oncommons.hub.dispatch.participation import SHIFTED, participation, reasons
from oncommons.hub.dispatch.rules import Told

ATHENS = Told("athens", "answered", {"x": 1}, 120, 4)
BERGEN = Told("bergen", "silent", people=80, missing=1, rounds=3)
CORK = Told("cork", "refused", reason="The rule cells says no.", code="E411")
LATE = Told("delft", "late", people=30, rounds=1)


def test_where_all_took_part_nothing_is_shifted():
    found = participation([ATHENS])
    assert (found["asked"], found["took_part"], found["people"], found["people_left_out"]) == (1, 1, 120, 0)
    assert (found["says"], found["not_told"]) == (["1 of 1 nodes took part, with 120 people."], [])


def test_who_did_not_take_part_is_named_with_the_reason_and_the_people_that_are_not_in_the_result():
    found = participation([ATHENS, BERGEN, CORK, LATE])
    assert (found["people"], found["people_left_out"], found["not_told"]) == (120, 110, ["cork"])
    assert found["says"] == [
        "1 of 4 nodes took part, with 120 people.",
        "bergen did not answer in time after 3 rounds. Its 80 people are not in the result.",
        "cork refused: The rule cells says no. How many people it has is not told.",
        "delft answered too late after 1 round. Its 30 people are not in the result.",
        "48% of the 230 people that nodes told of are not in the result.",
        SHIFTED,
    ]


def test_each_reason_is_told_once_with_whose_it_is():
    other = Told("bremen", "refused", reason=CORK.reason, code=CORK.code)
    told = "bergen: It did not answer in time. bremen, cork: The rule cells says no."
    assert reasons([CORK, BERGEN, other]) == told
    assert reasons([]) == ""
    many = [Told(f"n{i:02}", "refused", reason=f"Reason {i}.") for i in range(20)]
    assert reasons(many).endswith("n04: Reason 4.")

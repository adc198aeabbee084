"""Waiting for a number, with a clock that stands until somebody sleeps."""

from dataclasses import replace

import pytest

from oncommons.client.waiting import Patience, standing, wait
from oncommons.schema.errors import HubUnreachable
from oncommons.schema.saved import SavedQuestion, Watch

SAVED = SavedQuestion(
    "x", "Women", {"count": "person"}, "Count.", "2026-01-01", "c", watches=(Watch(5, "not reached"),)
)
REACHED = replace(SAVED, watches=(Watch(3, "not known"), Watch(5, "reached")))


class Scene:
    """A hub that shows one thing after the other, and a sleeper who takes no time."""

    def __init__(self, *shown):
        self.shown, self.now, self.slept, self.lost = list(shown), 0.0, [], []

    def look(self):
        found = self.shown.pop(0) if len(self.shown) > 1 else self.shown[0]
        if isinstance(found, Exception):
            raise found
        return found

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def wait(self, seconds=None):
        return wait(self.look, 5, Patience(seconds, 60.0, self.sleep, lambda: self.now), self.lost.append)


def test_what_is_reached_is_not_waited_for():
    scene = Scene(REACHED)
    assert (scene.wait(), scene.slept) == (REACHED, [])


def test_it_looks_until_it_is_reached():
    scene = Scene(SAVED, SAVED, REACHED)
    assert (scene.wait(), scene.slept) == (REACHED, [60.0, 60.0])


def test_patience_ends():
    scene = Scene(SAVED)
    assert (scene.wait(150.0), scene.slept) == (SAVED, [60.0, 60.0, 30.0])


def test_a_hub_that_is_away_is_waited_for():
    scene = Scene(HubUnreachable("away"), REACHED)
    assert (scene.wait(), len(scene.lost)) == (REACHED, 1)


def test_a_hub_that_does_not_come_back_is_told():
    scene = Scene(SAVED, HubUnreachable("away"))
    with pytest.raises(HubUnreachable):
        scene.wait(90.0)


def test_of_a_number_that_nobody_waits_for_nothing_is_known():
    assert (standing(REACHED, 5), standing(REACHED, 4)) == ("reached", "not known")

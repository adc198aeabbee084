"""The peers under attack follow the rules that they publish."""

from collections import Counter

import pytest
from tests.attacks.population import with_target
from tests.attacks.systems import Laplace, Threshold, World

ALL = {"count": "person"}
NOBODY = {"count": "person", "where": {"field": "age", "between": [0, 1]}}
ONE = {"count": "person", "where": {"field": "age", "between": [97, 97]}}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("world"), with_target())
    yield made
    made.close()


def test_the_laplace_peer_tells_zero_as_zero_and_one_to_nine_as_ten(world):
    peer = Laplace(world)
    assert (peer.ask(NOBODY).number, peer.ask(ONE).number) == (0, 10)


def test_the_laplace_peer_tells_fifteen_as_published():
    """Measured on the published code: 10 in 48, 20 in 47, 0 in 3 of a hundred cases (platforms.md 2.5)."""
    peer = Laplace(None)
    found = Counter()
    for _ in range(4_000):
        peer.restart()
        found[peer.obfuscated(15)] += 1
    assert found[10] / 4_000 == pytest.approx(0.48, abs=0.03)
    assert found[20] / 4_000 == pytest.approx(0.47, abs=0.03)
    assert found[0] / 4_000 == pytest.approx(0.03, abs=0.015)


def test_the_laplace_peer_remembers_by_true_count_until_it_is_restarted(world):
    peer = Laplace(world)
    told = {peer.obfuscated(601) for _ in range(50)}
    assert told == {peer.ask(ALL).number}
    for _ in range(50):
        peer.restart()
        told.add(peer.ask(ALL).number)
    assert len(told) > 1


def test_the_threshold_peer_withholds_small_numbers_and_tells_the_others(world):
    peer = Threshold(world)
    assert [peer.ask(body).number for body in (NOBODY, ONE, ALL)] == [None, None, 601]
    assert peer.ask(ALL | {"by": ["sex"]}).groups == {("F",): 300, ("M",): 301}

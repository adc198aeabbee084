"""Nearly the same people are judged alike."""

from hypothesis import given
from hypothesis import strategies as st

from oncommons.policy.verdicts import Verdicts

NEAR = 5
crowds = st.sets(st.integers(0, 40), min_size=NEAR, max_size=22).map(lambda people: sum(1 << n for n in people))


@given(st.lists(st.tuples(crowds, st.booleans()), max_size=12, unique_by=lambda judged: judged[0]), crowds)
def test_the_nearest_crowd_is_followed_and_of_these_the_oldest(judged, asked):
    """Against looking at every crowd."""
    verdicts = Verdicts(NEAR)
    for who, small in judged:
        verdicts.add(who, small=small)
    apart = [((asked ^ who).bit_count(), at) for at, (who, _) in enumerate(judged)]
    nearest, at = min(apart, default=(NEAR, 0))
    assert verdicts.near_to(asked) == (judged[at][1] if nearest < NEAR else None)
    assert verdicts.of(asked) == dict(judged).get(asked)

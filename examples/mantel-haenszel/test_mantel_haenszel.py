"""The odds ratio passes the checks of analyses."""

from mantel_haenszel import MANTEL_HAENSZEL

from oncommons.algorithms.conformance.checks import faults


def test_it_passes():
    assert faults(MANTEL_HAENSZEL) == ()

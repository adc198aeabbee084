"""The records that pass between the stages of a node."""

from dataclasses import FrozenInstanceError

import pytest

from oncommons.node.holdings import DatasetState, FieldState, Tally
from oncommons.policy.disclosure.counts import Cell


def test_what_one_stage_hands_on_the_next_cannot_change():
    state = DatasetState("d", {"title": "D"}, {"person": 1}, {"person.sex": FieldState(known=True, lacking=0)})
    tally = Tally(state, (Cell((), 1, 1),))
    for record, name in ((state, "name"), (tally, "cells"), (state.fields["person.sex"], "known")):
        with pytest.raises(FrozenInstanceError):
            setattr(record, name, None)

"""Hospitals of the demonstration in one process: each holds its part of the trial, and answers while a test runs."""

from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

from tests.hub.callers import calling, listening
from tests.hub.dispatch.hospitals import serving
from tests.permits import BEGIN

from oncommons.demo.questions import NODES
from oncommons.demo.survival import ANALYSES, permit_for
from oncommons.demo.trial import write_part
from oncommons.node.clinical import import_clinical, names_at
from oncommons.node.home import make_home
from oncommons.node.receive.clinical.mapping import read_clinical_mapping
from oncommons.node.receive.clinical.table import receive_clinical_table
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.permit import parse_permit


def trial_home(folder: Path, i: int, policy: Policy | None = None):
    """One of the nodes, from 0, with its own policy or another."""
    plan = NODES[i]
    own = policy or Policy.of(plan.policy, plan.k)
    home = make_home(folder / plan.name, own).with_analyses(frozenset(ANALYSES))
    path, toml = write_part(folder, i)
    receive = partial(receive_clinical_table, path=path, mapping=read_clinical_mapping(toml), names=names_at(home))
    assert not import_clinical(home, receive).taken.faults
    return home


@contextmanager
def trial_federation(folder, policy=None):
    """A hub that listens and its five hospitals; gives its address and a pass of the permit."""
    homes = {plan.name: trial_home(folder, i, policy) for i, plan in enumerate(NODES)}
    permit = parse_permit(permit_for(list(homes), "visitor", date(2026, 12, 1)))
    with calling(folder / "hub") as hub, listening(hub) as url:
        hub.clock.now = BEGIN + 5.0
        given = str(hub.app.state.permits.issue(permit, "https://hub.test", hub.clock())[1]["visitor"])
        with serving(hub, homes):
            yield url, given

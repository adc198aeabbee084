"""Hospitals of the demonstration in one process: each holds its part of the trial, and answers while a test runs."""

from pathlib import Path

from oncommons.demo.questions import NODES
from oncommons.demo.survival import ANALYSES
from oncommons.demo.trial import write_part
from oncommons.node.clinical import import_clinical, names_at
from oncommons.node.home import make_home
from oncommons.node.receive.clinical.mapping import read_clinical_mapping
from oncommons.node.receive.clinical.table import receive_clinical_table
from oncommons.policy.disclosure import Policy


def trial_homes(folder: Path, policy: Policy | None = None):
    """The five nodes by their names, each with its own policy or all with the same."""
    homes = {}
    for i, plan in enumerate(NODES):
        own = policy or Policy.of(plan.policy, plan.k)
        home = homes[plan.name] = make_home(folder / plan.name, own).with_analyses(frozenset(ANALYSES))
        path, toml = write_part(folder, i)
        mapping, names = read_clinical_mapping(toml), names_at(home)
        report = import_clinical(home, lambda base, p=path, m=mapping, n=names: receive_clinical_table(base, p, m, n))
        assert not report.taken.faults
    return homes

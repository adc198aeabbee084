"""A small analysis that is as it should be, and many that are not: each is the small one with one thing wrong."""

import random
from dataclasses import replace

import numpy as np

from oncommons.algorithms.groups import share_in_groups
from oncommons.algorithms.pair import Analysis, Basis, Partial, Result, Role, Setting, Unanswerable, added


def _local(table, settings, _state, _least):
    values = table.complete(settings["outcome"]).columns[settings["outcome"]]
    share = share_in_groups(values, np.zeros(len(values), dtype=np.int64), 1)
    basis = Basis(len(values), share=share if len(values) else 0.0)
    return Partial({"people": len(values), "sum": float(values.sum())}, basis)


def _combine(_settings, _state, partials):
    people = float(added(partials, "people"))
    if not people:
        raise Unanswerable("Nobody is left.")
    return Result({"people": people, "mean": float(added(partials, "sum")) / people})


GOOD = Analysis(
    "mean", 1, "Mean", "The mean of a number.", "Student 1908",
    (Role("outcome", frozenset({"number"}), "The number."),),
    (Setting("level", "How sure.", 0.95, (0.5, 0.99)),), exact=True, local=_local, combine=_combine,
)  # fmt: skip
"""The mean of a number."""


def telling(tell, read=None, **basis):
    """The mean, with something more that a node tells of its values, and of what it says that it rests upon."""

    def local(table, settings, state, least):
        part = _local(table, settings, state, least)
        values = table.complete(settings["outcome"]).columns[settings["outcome"]]
        told = {"more": tell(values)} if len(values) > 3 else {"more": 0}
        return Partial({**part.found, **told}, replace(part.basis, **basis))

    return replace(GOOD, local=local)


def joining(join, **changes):
    """The mean, put together otherwise."""
    return replace(GOOD, combine=join, **changes)


def _stepwise(table, settings, state, least):
    """People and sum; then squares about the mean, and what was told before, in two rounds more."""
    part = _local(table, settings, state, least)
    if state is None:
        return part
    values = table.complete(settings["outcome"]).columns[settings["outcome"]]
    return Partial({"squares": float(((values - state["mean"]) ** 2).sum())}, part.basis)


def _stepped(_settings, state, partials):
    if state is None:
        people = float(added(partials, "people"))
        if people < 2:
            raise Unanswerable("Nobody is left.")
        return {"mean": float(added(partials, "sum")) / people, "people": people, "left": 3}
    if state["left"]:
        return {**state, "left": state["left"] - 1}
    return Result({"variance": float(added(partials, "squares")) / (state["people"] - 1)})


ITERATIVE = replace(GOOD, local=_stepwise, combine=_stepped, once=lambda _: False)
"""Variance in several rounds."""


def stepping(**changes):
    """The variance, with what a node tells in later rounds changed: a function of its values."""

    def local(table, settings, state, least):
        part = _stepwise(table, settings, state, least)
        values = table.complete(settings["outcome"]).columns[settings["outcome"]]
        later = {name: tell(values) for name, tell in changes.items()} if state is not None else {}
        return Partial({**part.found, **later}, part.basis)

    return replace(ITERATIVE, local=local)


def _by_stage(table, settings, _state, _least):
    rows = table.complete("stage")
    counts = np.bincount(rows.columns["stage"].astype(int), minlength=3)
    return Partial({"stages": counts.tolist()}, Basis(rows.people))


_seen = []
_draw = random.Random()


def _remembering(settings, state, partials):
    _seen.append(1)
    return Result({"mean": _combine(settings, state, partials).found["mean"], "calls": len(_seen)})


def _chance(settings, state, partials):
    return Result({"mean": _combine(settings, state, partials).found["mean"] + _draw.random()})


def _first_node(settings, _state, partials):
    return _combine(settings, None, dict([next(iter(partials.items()))]))


def _changing(table, settings, state, least):
    column = table.columns[settings["outcome"]]
    column -= np.nanmean(column) if np.isfinite(column).any() else 0
    return _local(table, settings, state, least)


def _forgetful(settings, state, partials):
    for part in partials.values():
        part.clear() if len(partials) == 1 else None
    return Result({"mean": 1.0})


def _of_means(_settings, _state, partials):
    means = [one["sum"] / one["people"] for one in partials.values() if one["people"]]
    if not means:
        raise Unanswerable("Nobody is left.")
    return Result({"mean": sum(means[::1]) / len(means)})


def _first_in_order(settings, _state, partials):
    name = min(name for name, one in partials.items() if one["people"]) if added(partials, "people") else min(partials)
    return _combine(settings, None, {name: partials[name]})


def _looking(settings, state, partials):
    step = _stepped(settings, state, partials)
    return Result({"largest": max(one["squares"] for one in partials.values())}) if isinstance(step, Result) else step


def _unequal(_settings, _state, partials):
    return Result({"mean": float(added(partials, "sum"))}) if added(partials, "people") else 1 / 0


BAD = {
    "tells rows": ("numbers", telling(lambda v: v.tolist())),
    "tells rows in order": ("numbers", telling(lambda v: sorted(v.tolist()))),
    "tells rows as text": ("numbers", telling(lambda v: " ".join(map(str, v)))),
    "tells values as names": ("numbers", telling(lambda v: {str(one): 1 for one in v})),
    "tells the largest": ("numbers", telling(lambda v: float(v.max()))),
    "tells the smallest": ("numbers", telling(lambda v: float(v.min()))),
    "tells the largest, rounded": ("numbers", telling(lambda v: round(float(v.max())))),
    "tells the smallest, rounded and hidden": ("numbers", telling(lambda v: 7 - 3 * round(float(v.min())))),
    "tells the second largest": ("numbers", telling(lambda v: float(np.sort(v)[-2]))),
    "tells a range": ("numbers", telling(lambda v: float(np.ptp(v)))),
    "tells a median": ("numbers", telling(lambda v: float(np.sort(v)[len(v) // 2]))),
    "tells somebody's value": ("numbers", telling(lambda v: float(v[3]))),
    "tells somebody's value, rounded": ("numbers", telling(lambda v: int(v[3]))),
    "tells a sum over two": ("numbers", telling(lambda v: float(v[:2].sum()))),
    "tells whether somebody is above": ("numbers", telling(lambda v: bool(v[2] > 60))),
    "tells a rare level": ("numbers", replace(GOOD, local=_by_stage, combine=lambda *_: Result({"mean": 1.0}))),
    "tells whether somebody is below": ("numbers", telling(lambda v: bool(v[2] < 60))),
    "says more people than there are": ("people", telling(lambda v: 0, people=100_000)),
    "says that one person is all": ("rules", telling(lambda v: 0, share=1.0)),
    "tells as people what is a mean": ("ends", replace(telling(lambda v: float(v.mean())), kinds={"more": "people"})),
    "tells no number": ("ends", telling(lambda v: float("nan"))),
    "tells what is no JSON": ("ends", telling(lambda v: v)),
    "names by numbers": ("ends", telling(lambda v: {1: 2})),
    "changes its table": ("unchanged", replace(GOOD, local=_changing)),
    "changes the parts": ("unchanged", joining(_forgetful)),
    "remembers": ("same", joining(_remembering)),
    "throws dice": ("same", joining(_chance)),
    "takes the first node": ("same", joining(_first_node)),
    "takes means of means": ("equal", joining(_of_means)),
    "takes the first in order": ("equal", joining(_first_in_order)),
    "fails on nobody": ("ends", joining(_unequal)),
    "never ends": ("ends", joining(lambda *_: {"again": 1})),
    "never answers": ("ends", replace(GOOD, roles=(Role("one", frozenset({"picture"}), "A picture."),))),
    "has no source": ("declared", replace(GOOD, source=" ")),
    "has a version that is none": ("declared", replace(GOOD, version=0)),
    "is named in capitals": ("declared", replace(GOOD, name="Mean")),
    "has a default out of range": ("declared", replace(GOOD, settings=(Setting("a", "b", 3.0, (0.0, 1.0)),))),
    "says once, and takes many rounds": ("sums", replace(ITERATIVE, once=lambda _: True)),
    "looks at one node": ("sums", replace(ITERATIVE, combine=_looking)),
    "tells shapes that depend on people": ("sums", stepping(more=lambda v: [0] * len(v))),
    "tells text in later rounds": ("sums", stepping(more=lambda v: "some")),
    "tells objects in later rounds": ("sums", stepping(more=lambda v: {"deep": 1})),
    "tells ragged lists": ("sums", stepping(more=lambda v: [[1], [1, 2]])),
    "tells a sum over two in later rounds": ("numbers", stepping(more=lambda v: float(v[:1].sum()))),
}  # fmt: skip
"""What is wrong to the check that finds it, and the analysis."""

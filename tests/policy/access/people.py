"""Holders and people for tests of applications."""

from dataclasses import replace

from oncommons.policy.access.application import Application, Body, Case
from oncommons.policy.access.duties import CLOCKS, moment, pass_time
from oncommons.policy.access.states import step

UNTIL = 10_000 * 86_400.0


def body(name, quorum=2, members=None, patients=("pat",), asks_patients=False, officers=None):
    """A holder with an officer, three members and a representative of patients."""
    officers = [f"officer-{name}"] if officers is None else officers
    members = [f"{name}{i}" for i in (1, 2, 3)] if members is None else members
    return Body(name, frozenset(officers), frozenset(members), quorum, frozenset(patients), asks_patients)


def act(found, move, clocks=CLOCKS):
    """The application after a move, made once the time that has passed has had its effect."""
    at = moment(found, move.at)
    return step(pass_time(found, at, clocks), replace(move, at=at))


def application(*bodies, **parts):
    """An application of ana and ben for two datasets of each holder."""
    cases = tuple(Case(b, frozenset({"x", "y"})) for b in bodies or (body("a"),))
    people = {"applicants": frozenset({"ana", "ben"}), "coordinators": frozenset({"cora"})}
    return Application("A-1", **{**people, "operators": frozenset({"ole"}), "cases": cases, "until": UNTIL, **parts})

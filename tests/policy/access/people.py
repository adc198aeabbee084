"""Holders and people for tests of applications."""

from oncommons.policy.access.application import Application, Body, Case

UNTIL = 10_000 * 86_400.0


def body(name, quorum=2, members=None, patients=("pat",), asks_patients=False, officers=None):
    """A holder with an officer, three members and a representative of patients."""
    officers = [f"officer-{name}"] if officers is None else officers
    members = [f"{name}{i}" for i in (1, 2, 3)] if members is None else members
    return Body(name, frozenset(officers), frozenset(members), quorum, frozenset(patients), asks_patients)


def application(*bodies, **parts):
    """An application of ana and ben for two datasets of each holder."""
    cases = tuple(Case(b, frozenset({"x", "y"})) for b in bodies or (body("a"),))
    people = {"applicants": frozenset({"ana", "ben"}), "coordinators": frozenset({"cora"})}
    return Application("A-1", **{**people, "operators": frozenset({"ole"}), "cases": cases, "until": UNTIL, **parts})

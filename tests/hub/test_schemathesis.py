"""No call of the hub's API ends in an error of the server: schemathesis makes them from the hub's own description.

Bodies, which the description does not tell, are those of tests/hub/shapes.py, each value as it is or anything of its
kind, and what is no such body.  ONCOMMONS_EXPLORE=1 makes twenty times as many calls, and new ones each time.
"""

import json
import os
from contextlib import suppress
from urllib.parse import unquote_plus, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from tests.hub.shapes import body_of, lacking, put_in, routes_of, words_of
from tests.hub.worlds import call, world

EXPLORES = "ONCOMMONS_EXPLORE" in os.environ
CASES = 40 if EXPLORES else 1
WANTED = settings(
    max_examples=CASES, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)  # what breaks is told as it is: to shrink it would call the hub on and on
KNOWN = {"E343", "E389"}
"""Answers of 500 and more that are no fault of the hub's: no node answered, a provider did not."""
ENDS = {("DELETE", "/api/sessions"), ("DELETE", "/api/account")}
"""What would have somebody leave in the middle."""


def shape(example):
    """A schema that an example has, where each text is that of the example or any other."""
    if isinstance(example, dict):
        parts = {key: shape(value) for key, value in example.items()}
        return {"type": "object", "properties": parts, "required": list(example), "additionalProperties": False}
    if isinstance(example, list):
        return {"type": "array", "items": shape(example[0]) if example else {}, "maxItems": 3}
    if isinstance(example, bool):
        return {"type": "boolean"}
    if isinstance(example, int):
        return {"type": "integer"}
    return {"anyOf": [{"const": example}, {"type": "string", "maxLength": 50}]}


def parameter(where, name, examples):
    found = {"anyOf": [{"enum": examples}, {"type": "string", "minLength": 1, "maxLength": 50}]}
    return {"in": where, "name": name, "required": where == "path", "schema": found}


def described(made):
    """The description of the hub's API, with the bodies, words and identifiers that it does not tell."""
    document = json.loads(json.dumps(made.hub.app.openapi()))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names = [part.partition("}")[0] for part in path.split("{")[1:]]
            places = [parameter("path", name, [made.place(f"{path}|{{{name}}}").rpartition("|")[2]]) for name in names]
            words = put_in(made.ids, words_of(method, path))
            operation["parameters"] = [
                *places,
                *(parameter("query", *one) for one in ((k, [v]) for k, v in words.items())),
            ]
            if body := body_of(method, path):
                content = {body[0]: {"schema": shape(put_in(made.ids, body[1]))}}
                operation["requestBody"] = {"required": True, "content": content}
    return document


def sent(case):
    """Path, query, kind and octets of a case."""
    query = urlencode(
        {k: v if isinstance(v, str) else json.dumps(v) for k, v in (case.query or {}).items()}, errors="replace"
    )
    body, kind = case.body, case.media_type or ""
    if type(body).__name__ == "NotSet":
        octets = b""
    elif isinstance(body, bytes):
        octets = body
    elif "urlencoded" in kind and isinstance(body, dict):
        octets = urlencode(
            {k: v if isinstance(v, str) else json.dumps(v) for k, v in body.items()}, errors="replace"
        ).encode()
    else:
        octets = json.dumps(body).encode()
    return case.formatted_path, query, kind, octets


class Caller:
    """Makes calls as each of some people, and keeps what went wrong."""

    def __init__(self, made, names):
        self.made, self.names, self.calls, self.wrong = made, names, 0, []

    def sign_in(self):
        self.made.hub.clock.now += 60  # so that nobody has to wait for having tried too often
        self.bearers = {name: self.made.bearer(name) for name in self.names}

    def __call__(self, case):
        path, query, kind, octets = sent(case)
        for name, bearer in self.bearers.items():
            own = {"host": "hub.test", "content-type": kind, "authorization": bearer}
            headers = {k: v for k, v in own.items() if v} | {k: str(v) for k, v in (case.headers or {}).items()}
            got = call(self.made.hub, case.method.upper(), path, query, headers.items(), octets)
            self.calls += 1
            if got.broke or (got.status >= 500 and not any(code.encode() in got.body for code in KNOWN)):
                self.wrong.append((name, case.method, path, unquote_plus(query), octets[:500], got.status, got.broke))


def tried(operation, mode, caller):
    """Call an operation with cases of a mode; where there are none, such as wrong ones of nothing, there is no call."""
    if mode is GenerationMode.NEGATIVE and operation.body.items == [] and not operation.query.items:
        return

    @WANTED
    @given(operation.as_strategy(generation_mode=mode))
    def one(case):
        caller(case)

    with suppress(Unsatisfiable):
        one()


def is_chosen(operation):
    """The Beacon's entry types are alike: one of them stands for all where nobody explores."""
    path, types = operation.path, ("imaging_", "conditions", "measurements", "treatments", "episodes", "specimens")
    ends = (operation.method.upper(), path) in ENDS
    return not ends and (EXPLORES or not ("/beacon/" in path and any(one in path for one in types)))


BOTH = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def check(made, names, modes=BOTH):
    caller = Caller(made, names)
    for found in schemathesis.openapi.from_dict(described(made)).get_all_operations():
        operation = found.ok()
        if is_chosen(operation):
            caller.sign_in()
            for mode in modes:
                tried(operation, mode, caller)
    print(caller.calls, "calls")  # noqa: T201  shown with pytest -s
    assert caller.wrong == []
    return caller.calls


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    with world(tmp_path_factory.mktemp("hub")) as made:
        yield made


def test_every_route_that_changes_something_has_a_row(known):
    assert lacking(known.hub.app) == set()
    assert len(routes_of(known.hub.app)) > 150


@pytest.mark.timeout(3600)
def test_no_call_of_people_breaks_the_hub(known):
    assert check(known, ("ole", "ana", "nobody")) > 300


@pytest.mark.timeout(3600)
def test_no_call_of_people_breaks_a_hub_on_postgresql(tmp_path, postgres_url):
    """PostgreSQL refuses what SQLite takes: texts with a zero octet, numbers out of range, a transaction that failed."""
    with world(tmp_path, database=postgres_url) as made:
        names, modes = (("ole", "ana", "nobody"), BOTH) if EXPLORES else (("ole",), BOTH[:1])
        assert check(made, names, modes) > 100
        own = [("host", "hub.test"), ("authorization", made.bearer("ole"))]
        assert call(made.hub, "GET", "/api/audit/entries", "kind=%00", own).status == 400


@pytest.mark.timeout(3600)
def test_no_call_breaks_a_hub_that_is_open_to_everybody(tmp_path):
    with world(tmp_path, "open") as made:
        assert check(made, ("nobody",)) > 100

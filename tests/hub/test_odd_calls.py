"""Calls as odd as a socket lets through break nothing: bodies that are no JSON or endless, headers, words, places.

Every route of the hub is called with each, and every value of every body is each odd value once; a part of it where
nobody explores (ONCOMMONS_EXPLORE=1).
"""

import json
import os
from urllib.parse import quote, urlencode

import pytest
from tests.hub.callers import QUESTION
from tests.hub.shapes import body_of, put_in, routes_of, words_of
from tests.hub.worlds import call, world

EVERY = 1 if "ONCOMMONS_EXPLORE" in os.environ else 61
"""Of how many calls one is made."""
DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES = (
    b"", b"null", b"[]", b"{", b'"x"', b"1", b"1" * 5_000, DEEP, b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b'{"a":1e999}', b'{"a":NaN}',
    b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"\\ud800":1}', b'{"a":"\\ud800"}', b'{"a":"\\u0000"}', b"\x00" * 10, b'{"a":1,"a":2}', b"x" * 2_000_000,
)  # fmt: skip
VALUES = (
    None, True, -1, 0, 2**63, 10**30, 1e308, 1.5, "", "\x00", "a\x00b", "\ud800", "\U0001f600", "A" * 30_000, [], {}, [[]], [None], {"": None},
    ["x"] * 1_000, "%s%n", "2026-99-99", "../../etc/passwd", "\u0663", "athens/", "/", "e\u0301" * 300, {"a": {"a": {"a": 1}}},
)  # fmt: skip
WORDS = (
    "", "\x00", "-1", "0", "1" * 5_000, "9" * 19, "1e999", "nan", "inf", "\ud800", "\U0001f600", "A" * 5_000, "%ff", "\u0663", "1_0", "+1", " 1",
    "2026-02-30", "0000-00-00", "99999-01-01", "-0001-01-01", "a/b/c", "'--", "*", "[", "(", "\\", '"', "..", "{}", "null", "true", "[]",
)  # fmt: skip
HEADERS = (
    ("host", "[::1"), ("host", ""), ("host", "a b"), ("host", "\x00"), ("host", "\ud800"), ("host", "h:99999999"), ("content-length", "abc"),
    ("content-length", "-1"), ("content-length", "9" * 400), ("content-length", "²"), ("content-type", "multipart/form-data"), ("content-type", ""),
    ("authorization", "Bearer"), ("authorization", "Bearer \x00"), ("authorization", "Bearer é"), ("authorization", "Bearer " + "a" * 20_000),
    ("authorization", "Basic !!!"), ("authorization", "Bearer e30.e30.e30"), ("cookie", "\x00=;;"), ("accept", "\x00"), ("accept-language", "²;q=é"),
    ("if-none-match", '"'), ("if-modified-since", "Mon, 99 Foo 99999 99:99:99 GMT"), ("if-modified-since", "Mon, 01 Jan 0000 00:00:00 +9999"),
    ("range", "bytes=-"), ("range", "bytes=9-1,2-,-5"), ("range", f"bytes={'9' * 5_000}-"), ("range", "bytes=²-"), ("origin", "\x00"),
    ("user-agent", "A" * 70_000), ("user-agent", "\x00é\ud800"), ("oncommons-permit", "\x00"), ("oncommons-permit", "e30.e30.e30"),
    ("oncommons-checkpoint", "é\x00"), ("x-forwarded-for", "\x00"), ("forwarded", "for=\x00"), ("transfer-encoding", "chunked"),
)  # fmt: skip
ENDS = {("DELETE", "/api/sessions"), ("DELETE", "/api/account")}
KNOWN = (b"E343", b"E389")
"""No node answered; a provider did not."""


def changed(value):
    """A body with one odd value, one key less, or one more."""
    yield from VALUES
    if isinstance(value, dict):
        for key in value:
            yield from ({**value, key: odd} for odd in changed(value[key]))
            yield {name: one for name, one in value.items() if name != key}
        yield {**value, "more": 1}
    if isinstance(value, list) and value:
        yield from ([odd, *value[1:]] for odd in changed(value[0]))


def octets(kind, value):
    if "urlencoded" in kind:
        return urlencode(value, errors="surrogatepass").encode()
    return json.dumps(value).encode() if "json" in kind else value.encode()


def calls(made, method, path):
    """Odd calls of a route: place, words, headers, body."""
    words = put_in(made.ids, words_of(method, path))
    kind, example = body_of(method, path) or ("", "")
    plain, place = octets(kind, put_in(made.ids, example)), made.place(path)
    own = (("host", "hub.test"), ("content-type", kind))
    yield from ((place, urlencode(words), (*own, odd), plain) for odd in HEADERS)
    for name in words:
        for odd in WORDS:
            yield place, urlencode({**words, name: odd}, errors="surrogatepass"), own, plain
        yield place, f"{name}=%00%ff&{name}=%ff&%ff={name}&&=&{name}", own, plain
    for name in (part.partition("}")[0] for part in path.split("{")[1:]):
        there = (made.place(path, **{name: quote(odd, safe="", errors="surrogatepass")}) for odd in WORDS)
        yield from ((one, urlencode(words), own, plain) for one in there)
    if kind:
        yield from ((place, urlencode(words), own, one) for one in BODIES)
    if "json" in kind:
        found = (octets(kind, one) for one in changed(put_in(made.ids, example)))
        yield from ((place, urlencode(words), own, one) for one in found)


def broken(made, names):
    """How many calls were made as each of some people, and what came of those that broke something."""
    hub, wrong, count = made.hub, [], 0
    for method, path in sorted(routes_of(hub.app) - ENDS):
        hub.clock.now += 120
        bearers = [made.bearer(name) for name in names]
        for place, words, headers, body in calls(made, method, path):
            count += 1
            if count % EVERY:
                continue
            bearer = bearers[count // EVERY % len(bearers)]
            got = call(hub, method, place, words, dict([("authorization", bearer), *headers]).items(), body)
            if got.broke or (got.status >= 500 and not any(code in got.body for code in KNOWN)):
                wrong.append((method, place, words[:300], headers[-1], body[:300], got.status, got.broke))
    return count // EVERY, wrong


def test_no_odd_call_of_a_node_breaks_the_hub(tmp_path):
    wrong = []
    with world(tmp_path, "open") as made:
        hub = made.hub
        bearer = hub.member("cork").keywords["headers"]["authorization"]
        hub("POST", "/api/questions", json=QUESTION, params={"id": "job3", "deadline": "0.1"})
        made.ids["job"] = "job3"
        for method, path in (
            ("GET", "/api/link/work"),
            ("POST", "/api/link/work/{job}"),
            ("PUT", "/api/link/datasets"),
        ):
            for place, words, headers, body in calls(made, method, path):
                got = call(hub, method, place, words, dict([("authorization", bearer), *headers]).items(), body)
                if got.broke or got.status >= 500:
                    wrong.append((method, place, words[:300], headers[-1], body[:300], got.status, got.broke))
        assert wrong == []


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("people", "names"), [("required", ("ole", "ana", "olga")), ("open", ("nobody",))])
def test_no_odd_call_breaks_the_hub(tmp_path, people, names):
    with world(tmp_path, people) as made:
        count, wrong = broken(made, names)
    assert wrong == []
    assert count > 300

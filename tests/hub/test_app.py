"""The hub as a whole: opened, wired, described, and nothing of imaging in it."""

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.routing import Route
from tests.hub.callers import QUESTION, Clock, calling, told

from oncommons.hub.app import KEEP_QUESTIONS_SECONDS, make_app
from oncommons.hub.link.routes import HOT_ROUTES
from oncommons.hub.opening import open_hub
from oncommons.schema.federation import WIRE_VERSION
from oncommons.service.http import SECURITY_HEADERS
from oncommons.service.settings import HubSettings

REFERENCE = Path(__file__).parents[2] / "docs" / "reference-http.md"


def settings(folder, database=""):
    return HubSettings(folder, "", database or f"sqlite:///{folder / 'hub.sqlite'}", "test")


def test_the_hub_says_who_it_is(hub):
    body = hub("GET", "/api/hub").json()
    assert body.pop("issuer").startswith("urn:oncommons:hub:")
    assert body == {"name": "test", "version": "1.2.3", "wire": WIRE_VERSION, "time": hub.clock.now, "people": "open"}


def test_the_public_keys_hold_no_private_part(hub):
    (key,) = hub("GET", "/.well-known/jwks.json").json()["keys"]
    assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
    assert "d" not in key


def test_a_path_that_is_not_there_is_told_in_our_shape(hub):
    for path in ("/nowhere", "/api/nowhere", "/docs", "/redoc"):
        assert told(hub("GET", path)) == (404, "E404")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/api/hub", "GET"),
        ("GET", "/api/questions", "POST"),
        ("GET", "/api/token", "POST"),
        ("PATCH", "/api/link/datasets", "PUT"),
        ("GET", "/api/link/work/one", "POST"),
    ],
)
def test_a_method_that_is_not_there_is_told_with_those_that_are(hub, method, path, allow):
    response = hub(method, path)
    assert told(response) == (405, "E405")
    assert response.headers["allow"] == allow


@pytest.mark.parametrize("path", ["/api/hub", "/api/openapi.json", "/nowhere", "/api/link/work"])
def test_every_answer_carries_the_security_headers(hub, path):
    headers = hub("GET", path).headers
    assert {k.decode(): v.decode() for k, v in SECURITY_HEADERS.items()}.items() <= headers.items()


def test_the_hub_is_described_in_openapi(hub):
    body = hub("GET", "/api/openapi.json").json()
    assert body["openapi"].startswith("3.")
    assert {"/api/questions", "/api/datasets", "/api/nodes", "/api/token", "/api/hub"} <= set(body["paths"])
    assert all(way["summary"] for ways in body["paths"].values() for way in ways.values())


def test_every_route_is_documented(hub):
    paths = {route.path for route in hub.app.routes if isinstance(route, Route)}
    assert {route.path for route in HOT_ROUTES} <= paths
    text = REFERENCE.read_text("utf-8")
    assert sorted(path for path in paths if path not in text) == []


def test_a_restarted_hub_remembers_nodes_and_questions(tmp_path):
    with calling(tmp_path) as first:
        first.join("athens")
        first("POST", "/api/questions", json=QUESTION, params={"id": "one"})
    with calling(tmp_path) as again:
        assert again("GET", "/api/questions/one").status_code == 200
        assert again("GET", "/api/nodes").json()["nodes"][0]["name"] == "athens"


def test_a_hub_forgets_questions_after_a_month(tmp_path):
    with calling(tmp_path) as first:
        first("POST", "/api/questions", json=QUESTION, params={"id": "one"})
    hub = open_hub(settings(tmp_path))
    later = make_app(hub, "1", Clock(first.clock.now + KEEP_QUESTIONS_SECONDS + 60))
    assert later.state.exchange.progress("one") is None
    hub.database.close()


def test_what_is_written_is_written_in_one_place(hub):
    """Each part had an office of its own, with forms and cards read again."""
    state = hub.app.state
    assert state.decisions.papers.office is state.applications
    assert state.decisions.granting.shelf is state.applications.shelf is state.shelf


def test_a_hub_on_postgresql_answers(tmp_path, postgres_url):
    with calling(tmp_path, postgres_url) as hub:
        hub.member("athens")
        answer = hub("POST", "/api/questions", json=QUESTION)
        assert answer.json()["nodes"][0]["status"] == "silent"


def test_the_hub_imports_nothing_of_images():
    ask = (
        "import sys, oncommons.hub.app; print([m for m in sys.modules if m.startswith(('pydicom', 'oncommons.imag'))])"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"

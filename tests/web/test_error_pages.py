"""Pages of errors: for people as pages, for programs as JSON, and nothing is asked of a server that is broken."""

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.web.visitor import visiting

from oncommons.schema.errors import NotFound
from oncommons.web.error_pages import ErrorPages
from oncommons.web.help import TITLES

NAMELESS = {"name": "nobody"}


def show(request, template, status=200, **values):
    """A page that only tells what it would show."""
    shown = {key: values[key] for key in ("text", "hub") if key in values}
    shown |= {"titles": dict(values["titles"])} if "titles" in values else {}
    shown |= {"fault": values["fault"].code} if "fault" in values else {}
    return JSONResponse({"template": template, **shown}, status)


@pytest.fixture
def client():
    pages = ErrorPages(show, "test", NAMELESS, ("/api/",))

    def fail(request):
        raise {"known": NotFound("nothing"), "unforeseen": RuntimeError("boom")}[request.path_params["how"]]

    routes = [Route(path, page) for path, page in pages.table()]
    routes += [Route(base + "fail/{how}", fail) for base in ("/", "/api/")]
    handlers = {Exception: pages.fault, NotFound: pages.fault}
    with visiting(Starlette(routes=routes, exception_handlers=handlers)) as found:
        yield found


def test_every_error_is_listed_and_explained(client):
    assert client.get("/help/errors").json()["titles"] == dict(TITLES)
    assert "<h2>What happened</h2>" in client.get("/help/errors/E103").json()["text"]
    assert client.get("/help/errors/E999").status_code == 404


def test_people_get_a_page_and_programs_get_json(client):
    page, body = client.get("/fail/known"), client.get("/api/fail/known")
    assert (page.status_code, page.json()["template"], page.json()["fault"]) == (404, "fault.html", "E404")
    assert (body.status_code, body.json()["error"]["code"]) == (404, "E404")


def test_what_nobody_foresaw_tells_nothing_and_asks_nothing_more(client):
    page = client.get("/fail/unforeseen")
    assert (page.status_code, page.json()["hub"]) == (500, NAMELESS)
    assert "boom" not in page.text
    assert "hub" not in client.get("/fail/known").json()

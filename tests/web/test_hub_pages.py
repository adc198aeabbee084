"""What pages for people who are signed in share."""

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_people import ForeignForm, NotSignedIn
from oncommons.web.hub_pages import NO_STORE, HubPages
from oncommons.web.keeping import SESSION, form_token

SECRET = "a-secret-of-a-session-24"


def request(session="", path="/inbox", **headers):
    told = {"host": "hub.example", **headers} | ({"cookie": f"{SESSION}={session}"} if session else {})
    raw = [(name.encode(), value.encode()) for name, value in told.items()]
    return Request(
        {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": raw, "scheme": "http"}
    )


def show(_, template, status=200, **shown):
    return PlainTextResponse(f"{template} {sorted(shown)}", status)


def ended(*_):
    raise NotSignedIn("Your session has ended.")


@pytest.fixture
def pages():
    return HubPages(None, show)


@pytest.mark.parametrize("session", ["", SECRET])
def test_whose_session_has_ended_signs_in_comes_back_and_has_none_any_more(pages, session):
    answers = [pages.for_signed_in(ended)(request(session))]
    body = f"form={form_token(SECRET)}".encode()
    answers.append(pages.for_form(ended)(request(session), body))
    for answer in answers:
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/inbox")
        assert f"{SESSION}=" in answer.headers["set-cookie"]
        assert "Max-Age=0" in answer.headers["set-cookie"]


def test_a_form_is_done_where_our_page_sent_it_with_its_fields_in_order(pages):
    seen = []
    page = pages.for_form(lambda _, pairs: seen.append(list(pairs)))
    token = form_token(SECRET)
    page(request(SECRET), f"form={token}&a=1&a=2&b=".encode())
    assert seen == [[("form", token), ("a", "1"), ("a", "2"), ("b", "")]]
    with pytest.raises(ForeignForm):
        page(request(SECRET), b"a=1")
    with pytest.raises(ForeignForm):
        page(request(SECRET, origin="https://evil.example"), f"form={token}".encode())
    with pytest.raises(BadRequest):
        page(request(SECRET), b"&".join(b"a=1" for _ in range(1001)))
    assert len(seen) == 1


def test_a_page_tells_its_fault_by_its_status_and_is_kept_by_nobody(pages):
    good = pages.inside(request(), "one.html", found=1)
    assert (good.status_code, good.headers["cache-control"]) == (200, NO_STORE)
    assert good.body == b"one.html ['fault', 'found']"
    assert pages.inside(request(), "one.html", BadRequest("no")).status_code == 400
    assert pages.inside(request(), "one.html", None, status=409).status_code == 409

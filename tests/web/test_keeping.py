"""Cookies and the tokens of forms."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from oncommons.schema.errors_of_people import ForeignForm
from oncommons.web.keeping import (
    BROWSER,
    SESSION,
    check_form,
    forget,
    form_token,
    is_foreign,
    is_led_here,
    keep,
    kept,
    kept_pass,
    local_path,
)

SECRET = "s" * 43
OWN = {"host": "hub.test", "origin": "http://hub.test"}


def request(scheme="http", **headers):
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "scheme": scheme, "path": "/", "query_string": b"", "headers": pairs}
    return Request(scope | {"server": ("hub.test", 80)})


@pytest.mark.parametrize(
    ("cookie", "found"),
    [("oncommons_permit=P-7.s-_9", "P-7.s-_9"), ("oncommons_permit=P-7", ""), ("oncommons_permit=a b.c", ""), ("", "")],
)
def test_a_pass_is_kept_in_its_cookie(cookie, found):
    assert kept_pass(request(cookie=cookie)) == found


def test_a_form_of_our_own_page_is_taken():
    check_form(request(**OWN), SECRET, {"form": form_token(SECRET)})
    check_form(request(host="hub.test", sec_fetch_site="same-origin"), SECRET, {"form": form_token(SECRET)})


@pytest.mark.parametrize(
    ("headers", "secret", "token"),
    [
        (OWN | {"origin": "https://evil.example"}, SECRET, form_token(SECRET)),
        (OWN | {"origin": "null"}, SECRET, form_token(SECRET)),
        (OWN | {"sec_fetch_site": "cross-site"}, SECRET, form_token(SECRET)),
        (OWN | {"sec_fetch_site": "same-site"}, SECRET, form_token(SECRET)),
        (OWN, SECRET, ""),
        (OWN, SECRET, form_token("t" * 43)),
        (OWN, SECRET, SECRET),
        (OWN, SECRET, "\ud7ff"),
        (OWN, "", form_token("")),
    ],
)
def test_another_form_is_refused(headers, secret, token):
    with pytest.raises(ForeignForm):
        check_form(request(**headers), secret, {"form": token})


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"sec_fetch_site": "same-origin"}, False),
        ({"sec_fetch_site": "same-site"}, True),
        ({"sec_fetch_site": "cross-site"}, True),
        ({"sec_fetch_site": "anything"}, True),
        ({"origin": "http://hub.test"}, False),
        ({"origin": "http://hub.test:81"}, True),
        ({"origin": "http://hub.test.evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://evil.example", "sec_fetch_site": "same-origin"}, True),
        ({"origin": "http://hub.test", "sec_fetch_site": "cross-site"}, True),
    ],
)
def test_where_a_request_comes_from_is_taken_from_the_browser(headers, foreign):
    assert is_foreign(request(host="hub.test", **headers)) is foreign
    signed_in = request(host="hub.test", cookie=f"{SESSION}={SECRET}", **headers)
    assert (is_led_here(signed_in), is_led_here(request(host="hub.test", **headers))) == (foreign, False)


@pytest.mark.parametrize(("scheme", "wanted", "is_secure"), [("http", False, False), ("http", True, True), ("https", False, True)])  # fmt: skip
def test_no_script_and_no_other_site_gets_at_a_cookie(scheme, wanted, is_secure):
    answer = Response()
    keep(request(scheme), answer, SESSION, SECRET, secure=wanted)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age" not in cookie
    assert ("Secure" in cookie) is is_secure


def test_a_browser_is_known_for_a_year_to_our_own_pages_only():
    answer = Response()
    keep(request(), answer, BROWSER, SECRET)
    assert "Max-Age=31536000" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    forget(answer, BROWSER)
    assert "Max-Age=0" in answer.headers.getlist("set-cookie")[1]


@pytest.mark.parametrize(("value", "found"), [(SECRET, SECRET), ("short", ""), ("s" * 101, ""), ("a;b" + SECRET, ""), ("", "")])  # fmt: skip
def test_only_what_can_be_a_secret_is_read(value, found):
    assert kept(request(cookie=f"{SESSION}={value}"), SESSION) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\/evil",
        "javascript:alert(1)",
        "/a\nb",
        "a",
        "/\t/evil",
    ],
)
def test_nobody_is_sent_to_another_site(text):
    assert local_path(text) == "/account"


@pytest.mark.parametrize("text", ["/people", "/ask?person.sex=F&do=ask", "/"])
def test_one_goes_on_where_one_was(text):
    assert local_path(text) == text

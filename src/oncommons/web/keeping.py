"""What browsers keep for signing in, and how a form proves that it is one of ours.

A form that changes something carries a token that follows from a secret in a cookie: of the session, or, before
somebody is signed in, of a cookie made for that.  A page of another site can neither read the cookie nor the token.
Besides, the browser's own word on where a request comes from is heeded (``Origin``, ``Sec-Fetch-Site``).

Source: OWASP Cheat Sheet Series, Cross-Site Request Forgery Prevention, "Signed double-submit cookie".
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from oncommons.schema.errors_of_people import ForeignForm
from oncommons.schema.federation import Pass

SESSION, BROWSER, FORM = "oncommons_session", "oncommons_browser", "oncommons_form"
VISIT, PERMIT, ASKED = "oncommons_visit", "oncommons_permit", "oncommons_asked"
"""Cookies: of who is signed in, of a browser that is known, of a form before somebody is signed in, of a sign-in that is
under way at a provider, of the pass under whose permit a browser asks, of a browser that has asked for a link by e-mail."""
_AGES = {BROWSER: 365 * 86_400, VISIT: 600, ASKED: 1_800}
"""Seconds for which a browser keeps a cookie, where it is not for the visit only."""
_LED = frozenset({SESSION, VISIT, ASKED})
"""Cookies that come along when a page of another site leads somebody here, as a provider or a page of e-mail does."""
_SECRET = re.compile(r"[A-Za-z0-9_-]{20,100}")


def kept(request: Request, name: str) -> str:
    """The secret in a cookie; empty where there is none."""
    found = request.cookies.get(name, "")
    return found if _SECRET.fullmatch(found) else ""


def kept_pass(request: Request) -> str:
    """The pass under whose permit a browser asks; empty where it has none."""
    return Pass.shown({"authorization": f"Bearer {request.cookies.get(PERMIT, '')}"})


def new_form_secret(request: Request) -> str:
    """The secret of forms before somebody is signed in: the one that the browser has, or a new one."""
    return kept(request, FORM) or secrets.token_urlsafe(32)


def form_token(secret: str) -> str:
    """What a form carries: it follows from the secret and does not tell it."""
    return hmac.digest(secret.encode(), b"form", hashlib.sha256).hex()


def check_form(request: Request, secret: str, sent: Mapping[str, str]) -> None:
    """See that a form was sent by one of our own pages, shown to the same browser.

    Args:
        request: What was sent.
        secret: In the browser's cookie; empty where there is none.
        sent: Fields of the form.

    Raises:
        ForeignForm: it was not, or the page is too old.
    """
    if is_foreign(request):
        raise ForeignForm("A page of another site may not do this.", detail=said_from(request))
    if not secret or not hmac.compare_digest(form_token(secret).encode(), sent.get("form", "").encode()):
        raise ForeignForm("The page was open for too long; open it again and send the form from there.")


def is_foreign(request: Request) -> bool:
    """Whether a browser says that a page of another site makes a request, or leads to it; its silence says no.

    Source: Fetch Metadata Request Headers (W3C), 2.3 ``Sec-Fetch-Site``; RFC 6454, section 7 ``Origin``.
    """
    origin, site = request.headers.get("origin", ""), request.headers.get("sec-fetch-site", "none")
    return site not in {"same-origin", "none"} or (bool(origin) and urlsplit(origin).netloc != request.url.netloc)


def said_from(request: Request) -> str:
    """What a browser says of where a request comes from, for a log."""
    return repr([request.headers.get(name, "")[:200] for name in ("origin", "sec-fetch-site")])


def is_led_here(request: Request) -> bool:
    """Whether a page of another site leads somebody here who is signed in: then nothing is asked in their name.

    The cookie of the session comes along with a link (``SameSite=Lax``), so that who follows one is still signed in.
    """
    return bool(kept(request, SESSION)) and is_foreign(request)


def keep(request: Request, response: Response, name: str, secret: str, *, secure: bool = False) -> None:
    """Have the browser keep a secret: no script reads it, and no page of another site sends it along with a form."""
    response.set_cookie(
        name,
        secret,
        max_age=_AGES.get(name),
        httponly=True,
        samesite="lax" if name in _LED else "strict",
        secure=secure or request.url.scheme == "https",
    )


def forget(response: Response, name: str) -> None:
    """Have the browser forget a secret."""
    response.delete_cookie(name, httponly=True)


def local_path(text: str) -> str:
    """A path of ours to go to next; the account's page where it leads elsewhere."""
    is_ours = re.fullmatch(r"/(?![/\\])[^\s\\\x00-\x1f]{0,2000}", text) is not None
    return text if is_ours and not urlsplit(text).netloc else "/account"

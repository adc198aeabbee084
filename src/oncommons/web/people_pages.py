"""Pages for people: signing in, one's own account, who is here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.client.people import People
from oncommons.schema.errors import BadRequest, OncommonsError
from oncommons.schema.errors_of_people import NotSignedIn
from oncommons.schema.people import ROLES, SCOPES, STANDINGS, VISAS
from oncommons.web.hub_pages import NO_STORE, HubPages, to_sign_in
from oncommons.web.keeping import (
    ASKED,
    BROWSER,
    FORM,
    PERMIT,
    SESSION,
    VISIT,
    check_form,
    forget,
    keep,
    kept,
    local_path,
)
from oncommons.web.serving import Page, Sent
from oncommons.web.uploads import form_fields

MOST_BYTES = 16_384


class PeoplePages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (
            ("/sign-in", self.sign_in),
            ("/account", self.account),
            ("/account/data", self.data),
            ("/people", self.everybody),
            ("/welcome/{secret}", self.welcome),
        )

    def sent_table(self) -> tuple[tuple[str, Sent], ...]:
        """Paths of what is sent."""
        return (
            ("/sign-in", self.signed_in),
            ("/sign-out", self.signed_out),
            ("/account", self.changed),
            ("/people", self.looked_after),
            ("/welcome/{secret}", self.welcomed),
        )

    def sign_in(self, request: Request) -> Response:
        """A form to sign in."""
        return self._sign_in(request)

    def signed_in(self, request: Request, body: bytes) -> Response:
        """Sign in."""
        sent = dict(form_fields(body))
        check_form(request, kept(request, FORM), sent)
        try:
            opened = self._people(request).sign_in(_given(request, sent, "email", "password", "code"))
        except OncommonsError as fault:
            return self._sign_in(request, sent, fault)
        return self._opened(request, opened, local_path(sent.get("next", "")))

    def refused(self, request: Request, fault: OncommonsError) -> Response:
        """What somebody sees whom a provider did not lead in: their account where they have a session, or the form."""
        return self._account(request, fault) if kept(request, SESSION) else self._sign_in(request, fault=fault)

    def signed_out(self, request: Request, body: bytes) -> Response:
        """Sign out."""
        check_form(request, kept(request, SESSION), dict(form_fields(body)))
        people, way = self._people(request), ""
        with suppress(NotSignedIn):  # it has ended already, which is what is wanted
            way = _way_in(people.account())
            people.sign_out()
        answer = RedirectResponse(f"/sign-in?left={quote(way)}" if way else "/sign-in", 303)
        forget(answer, SESSION)
        forget(answer, PERMIT)  # whoever uses the browser next asks in their own name
        return answer

    def account(self, request: Request) -> Response:
        """Your account: name, roles, sessions, password, second factor, tokens."""
        return self._account(request)

    def data(self, request: Request) -> Response:
        """All that the hub knows of you, as a file."""
        try:
            found = self._people(request).account()
        except NotSignedIn:
            return to_sign_in(request)
        text = json.dumps(found, indent=2, ensure_ascii=False)
        headers = {"content-disposition": 'attachment; filename="my-data.json"', "cache-control": NO_STORE}
        return Response(text, media_type="application/json", headers=headers)

    def changed(self, request: Request, body: bytes) -> Response:
        """Change your account."""
        sent, session = dict(form_fields(body)), kept(request, SESSION)
        if not session:
            return to_sign_in(request)
        check_form(request, session, sent)
        people, proof = self._people(request), _proof(sent)
        try:
            if sent.get("do") == "erase":
                people.erase(proof)
                answer = RedirectResponse("/sign-in", 303)
                for name in (SESSION, BROWSER, PERMIT, ASKED):
                    forget(answer, name)
                return answer
            told = _chosen(_ACCOUNT, sent)(people, sent, proof)
        except NotSignedIn:
            return to_sign_in(request)
        except OncommonsError as fault:
            return self._account(request, fault=fault, do=sent.get("do", ""), sealed=sent.get("sealed", ""))
        return self._account(request, **told) if told else RedirectResponse("/account", 303)

    def everybody(self, request: Request) -> Response:
        """Who is here: people, their roles, and invitations."""
        return self._everybody(request)

    def looked_after(self, request: Request, body: bytes) -> Response:
        """Invite people, give and take roles."""
        sent, session = dict(form_fields(body)), kept(request, SESSION)
        if not session:
            return to_sign_in(request)
        check_form(request, session, sent)
        try:
            told = _chosen(_PEOPLE, sent)(self._people(request), sent)
        except NotSignedIn:
            return to_sign_in(request)
        except OncommonsError as fault:
            return self._everybody(request, fault=fault)
        return self._everybody(request, **told) if told else RedirectResponse("/people", 303)

    def welcome(self, request: Request) -> Response:
        """What a link is for, and a form to use it."""
        return self._welcome(request)

    def welcomed(self, request: Request, body: bytes) -> Response:
        """Use a link."""
        sent = dict(form_fields(body))
        check_form(request, kept(request, FORM), sent)
        given = _given(request, sent, "password", "name", "code") | {"secret": request.path_params["secret"]}
        given["browser"] = kept(request, ASKED)
        try:
            opened = self._people(request).accept(given)
        except OncommonsError as fault:
            return self._welcome(request, sent, fault)
        answer = self._opened(request, opened, "/account")
        forget(answer, ASKED)
        return answer

    def _opened(self, request: Request, opened: Mapping[str, Any], path: str) -> Response:
        """Where somebody goes who is signed in, with a session that nobody knew before."""
        answer, secure = RedirectResponse(path, 303), bool(opened.get("secure"))
        keep(request, answer, SESSION, str(opened["session"]), secure=secure)
        keep(request, answer, BROWSER, str(opened["device"]), secure=secure)
        forget(answer, FORM)
        return answer

    def _sign_in(
        self, request: Request, sent: Mapping[str, str] | None = None, fault: OncommonsError | None = None
    ) -> Response:
        sent = sent or {}
        where = local_path(sent.get("next") or request.query_params.get("next", ""))
        providers, left = self._providers(request), request.query_params.get("left", "")
        ways: dict[str, Any] = {"providers": providers, "left": [one for one in providers if one["name"] == left]}
        ways["links"] = links_of(self._people(request))
        return self._form(request, "sign_in.html", fault, email=sent.get("email", "")[:254], next=where, **ways)

    def _welcome(
        self, request: Request, sent: Mapping[str, str] | None = None, fault: OncommonsError | None = None
    ) -> Response:
        link = self._people(request).look(request.path_params["secret"], kept(request, ASKED))
        providers = self._providers(request) if link["purpose"] == "join" else []
        shown = {"link": link, "name": (sent or {}).get("name", "")[:200], "roles": ROLES, "providers": providers}
        return self._form(request, "welcome.html", fault, **shown, secret=request.path_params["secret"])

    def _providers(self, request: Request) -> list[dict[str, str]]:
        """The providers; none where the hub cannot tell, since a password may still do."""
        try:
            return self._people(request).providers()
        except OncommonsError:
            return []

    def _account(self, request: Request, fault: OncommonsError | None = None, **told: Any) -> Response:
        people = self._people(request)
        try:
            account = people.account()
            again = told.get("do") == "factor-on" and not account["second_factor"]
            factor = told.get("factor") or (people.new_factor(told.get("sealed", "")) if again else None)
        except NotSignedIn:
            return to_sign_in(request)
        shown = {"token": "", "recovery": (), "do": "", "leaving": None, **told, "factor": factor, "account": account}
        for one in account["identities"]:
            one["visas"] = [visa | {"is_good": visa["standing"] == "verified"} for visa in one["visas"]]
        words = {"scopes": SCOPES, "roles": ROLES, "kinds": VISAS, "standings": STANDINGS}
        page = self.inside(request, "account.html", fault, **shown, **words, providers=self._providers(request))
        if leaving := shown["leaving"]:
            keep(request, page, VISIT, str(leaving["browser"]), secure=bool(leaving["secure"]))
        return page

    def _everybody(self, request: Request, fault: OncommonsError | None = None, **told: Any) -> Response:
        try:
            found = self._people(request).everybody()
        except NotSignedIn:
            return to_sign_in(request)
        shown = {"link": "", "whom": "", **told, "found": found}
        return self.inside(request, "people.html", fault, **shown, roles=ROLES)


def links_of(people: People) -> list[str]:
    """What the hub sends links by e-mail for; nothing where it cannot tell, since a password may still do."""
    try:
        return people.links()
    except OncommonsError:
        return []


def _new_token(people: People, sent: Mapping[str, str], proof: Mapping[str, str]) -> dict[str, Any]:
    days = sent.get("days", "")
    number = int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0  # noqa: PLR2004
    scopes = [scope for scope in SCOPES if sent.get(f"scope-{scope}")]
    return {"token": people.make_token(proof, sent.get("name", ""), scopes, number)}


_Account = Callable[[People, Mapping[str, str], Mapping[str, str]], Mapping[str, Any] | None]
_ACCOUNT: Mapping[str, _Account] = {
    "name": lambda people, sent, _: people.rename(sent.get("name", "")),
    "password": lambda people, sent, proof: people.change_password(proof, sent.get("new", "")),
    "factor-new": lambda people, _sent, _proof: {"factor": people.new_factor()},
    "factor-on": lambda people, sent, proof: {
        "recovery": people.factor_on({"code": "", **proof}, sent.get("sealed", ""))
    },
    "factor-off": lambda people, _sent, proof: people.factor_off({"code": "", **proof}),
    "end-session": lambda people, sent, _: people.end_session(sent.get("id", "")),
    "token": _new_token,
    "end-token": lambda people, sent, _: people.end_token(sent.get("id", "")),
    "link": lambda people, sent, proof: {
        "leaving": people.begin_link(proof, sent.get("provider", "")) | {"provider": sent.get("provider", "")}
    },
    "unlink": lambda people, sent, proof: people.unlink(proof, sent.get("id", "")),
}
"""What can be done on the account's page; what is given back is shown once."""
_People = Callable[[People, Mapping[str, str]], Mapping[str, Any] | None]
_PEOPLE: Mapping[str, _People] = {
    "invite": lambda people, sent: {
        "link": people.invite(sent.get("email", ""), sent.get("organisation", ""), sent.get("role", "")),
        "whom": sent.get("email", ""),
    },
    "withdraw": lambda people, sent: people.withdraw(sent.get("id", "")),
    "give": lambda people, sent: people.give(
        sent.get("person", ""), sent.get("organisation", ""), sent.get("role", "")
    ),
    "take": lambda people, sent: people.take(
        sent.get("person", ""), sent.get("organisation", ""), sent.get("role", "")
    ),
    "renew": lambda people, sent: {"link": people.renew(sent.get("person", "")), "whom": sent.get("email", "")},
    "remove": lambda people, sent: people.remove(sent.get("person", "")),
}
"""What can be done on the page of people."""


def _chosen(table: Mapping[str, Any], sent: Mapping[str, str]) -> Any:
    try:
        return table[sent.get("do", "")]
    except KeyError:
        raise BadRequest("The form does not say what to do.") from None


def _given(request: Request, sent: Mapping[str, str], *names: str) -> dict[str, str]:
    """What was typed, and the secret by which the browser is known."""
    typed = {name: sent[name] for name in names if sent.get(name)}
    return {"password": "", **typed, "device": kept(request, BROWSER)}


def _way_in(account: Mapping[str, Any]) -> str:
    """Name of the provider by which the session that asks was opened; empty for none."""
    ways = {one["id"]: str(one["provider"]) for one in account["identities"]}
    return next((ways.get(one["identity"], "") for one in account["sessions"] if one["current"]), "")


def _proof(sent: Mapping[str, str]) -> dict[str, str]:
    code = {"code": sent["code"]} if sent.get("code") else {}
    return {"password": sent.get("password", ""), **code}

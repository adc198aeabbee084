"""The images of a node for the outside, attacked over every route: strangers get nothing, people of permits their part."""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

import pytest
import requests
from joserfc import jwt
from tests.node.checked import keep
from tests.node.images import IDENTIFIERS, dicom
from tests.node.visits import MINE, bearer, fill, join, mine, objects, token_for, visiting
from tests.permits import HUB, NOW, OTHER_HUB, a_key, a_permit

from oncommons.node.home import make_home
from oncommons.node.optouts import opt_out, pseudonyms_of
from oncommons.node.outside import ImageGate
from oncommons.node.outside_serving import DICOMWEB, AskedOutside, announced, serve_outside
from oncommons.node.recording import open_log
from oncommons.node.share.dicomweb.routes import DicomWeb
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import BadRequest, NotJoined
from oncommons.schema.errors_of_permits import ImagesClosed
from oncommons.schema.federation import IMAGES_TYPE
from oncommons.service.identity import Issuer
from oncommons.service.serving import Listen
from oncommons.storage.decisions import Person
from oncommons.storage.permitted import PERMITS, Permitted

ROUTES = [route.path for route in DicomWeb(lambda _: None).routes()]
GONE = "ANNA"


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """Two nodes with the same keys: one holds what the permit names, the other much more, and somebody who opted out."""
    folder = tmp_path_factory.mktemp("twins")
    poor = join(make_home(folder / "poor", Policy("open")))
    keep(poor, folder / "first", mine(), "d")
    shutil.copytree(poor.folder, folder / "spare")
    rich = replace(poor, folder=shutil.copytree(poor.folder, folder / "rich"))
    fill(rich, folder / "more")
    keep(rich, folder / "gone", {f"{n}": gone for n, gone in enumerate(_gone())}, "d")
    opt_out(rich, pseudonyms_of(rich, [GONE]), Person("mira", "command line"))
    return poor, rich


def _gone():
    """Images of somebody who opted out, in the dataset that the permit names."""
    return [dicom(1, 1, 7, GONE), dicom(2, 1, 7, GONE)]


@pytest.fixture
def spare(twins, tmp_path):
    """A copy of the poor node that nobody else has open; whoever copies an open one takes its locks away."""
    copied = shutil.copytree(twins[0].folder.parent / "spare", tmp_path / "athens")
    return join(replace(twins[0], folder=copied))


@pytest.fixture(scope="module")
def asks(twins):
    with ExitStack() as inside:
        yield [inside.enter_context(visiting(home)) for home in twins]


def paths(home):
    """Every route with the identifiers of every object that is kept, of some that are not, and of some that do not fit."""
    places = {(one.study, one.series, one.sop) for one in objects(home)}
    first, *_, last = sorted(places)
    places |= {("1.2.3", "1.2.3", "1.2.3"), (first[0], last[1], last[2]), (last[0], last[1], first[2])}
    more = {"frames": "1", "path:path": "7FE00010"}
    found = set()
    for study, series, sop in places:
        words = {"study": study, "series": series, "sop": sop} | more
        found |= {re.sub(r"{(.*?)}", lambda name, words=words: words[name[1]], route) for route in ROUTES}
        found |= {f"/{kind}?StudyInstanceUID={study}" for kind in ("studies", "series", "instances")}
        found |= {f"/instances?SOPInstanceUID={sop}", f"/series?SeriesInstanceUID={series}"}
    found |= {
        "/studies?includefield=all",
        "/series?includefield=all&limit=2",
        "/instances?offset=1",
        "/studies?limit=1",
    }
    return sorted(found)


def seen(response):
    """A response as its reader sees it; the boundary of parts is drawn by chance."""
    boundary = re.search(r"boundary=(\w+)", response.headers.get("content-type", ""))
    drawn = boundary[1] if boundary else "no boundary"
    headers = {name: value.replace(drawn, "") for name, value in response.headers.items()}
    return response.status_code, headers, response.content.replace(drawn.encode(), b"")


def test_what_lies_outside_looks_as_if_it_had_never_come(twins, asks):
    """The oracle is a node that never had it: every byte of every answer is the same."""
    token = token_for(variables=["series"])
    asked = paths(twins[1])
    statuses = {200: 0, 204: 0, 404: 0, 406: 0}
    for path in asked:
        poor, rich = (seen(ask(f"{DICOMWEB}{path}", token)) for ask in asks)
        assert poor == rich, path
        assert not any(word.encode() in rich[2] for word in IDENTIFIERS), path
        statuses[rich[0]] += 1
    assert statuses[200] > 40
    assert statuses[404] > 100
    assert len(asked) == sum(statuses.values()) > 200


def test_who_may_see_more_sees_more(twins, asks):
    """So the test above could fail: with a permit of both datasets the rich node has more to give, contours among it."""
    both = token_for(datasets=[{"node": "athens", "dataset": name} for name in ("d", "secret")])
    (study,) = {one.study for one in objects(twins[0]) if one.modality == "CT"}
    for path in (f"/studies/{study}/series", f"/studies/{study}/thumbnail", f"/studies/{study}/metadata"):
        assert asks[1](DICOMWEB + path, both).content != asks[1](DICOMWEB + path, token_for()).content
        assert asks[1](DICOMWEB + path, token_for()).content == asks[0](DICOMWEB + path, token_for()).content
    assert [len(asks[1](f"{DICOMWEB}/instances", token).json()) for token in (both, token_for())] == [9, 4]


def forged(header=None, claims=None, key=None):
    """A token as the hub makes it, but for what is given, signed by the hub or by another key."""
    given = token_for().split(".")
    whole = json.loads(base64.urlsafe_b64decode(given[1] + "==")) | (claims or {})
    issuer = key or HUB.key
    top = {"alg": "Ed25519", "typ": IMAGES_TYPE, "kid": HUB.key.thumbprint()} | (header or {})
    return jwt.encode(top, whole, issuer, algorithms=["Ed25519"])


def stripped():
    """A token that says it needs no signature."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": IMAGES_TYPE}).encode()).decode().rstrip("=")
    return f"{head}.{token_for().split('.')[1]}."


def swapped(other):
    """The signature of one token under what another says."""
    head, _, signature = token_for().split(".")
    return f"{head}.{other.split('.')[1]}.{signature}"


BOTH = {"datasets": [{"node": name, "dataset": "d"} for name in ("athens", "bergen")]}
STRANGERS = {
    "none": "",
    "words": "open sesame",
    "the token of the console": "x" * 43,
    "a permit": HUB.permit(a_permit(**MINE), NOW),
    "an order": HUB.order("q", {"count": "person"}, NOW),
    "a visa": forged(header={"typ": "vnd.ga4gh.visa+jwt"}),
    "an access token of a node": HUB.token("athens", NOW),
    "another hub's": token_for(hub=OTHER_HUB),
    "another's, in the hub's name": forged(key=a_key()),
    "another's, with the hub's name": Issuer(a_key()).image_token(a_permit(**MINE), "ana", "athens", NOW).token,
    "expired": token_for(now=NOW - 901),
    "expiring now": token_for(now=NOW - 900),
    "of tomorrow": token_for(now=NOW + 86_400),
    "another node's": token_for(node="bergen", datasets=[{"node": "bergen", "dataset": "d"}]),
    "another node's, that says it is ours": swapped(token_for(node="bergen")),
    "another person's": swapped(token_for("ben")),
    "another permit's": swapped(token_for(id="P-8", datasets=[{"node": "athens", "dataset": "secret"}])),
    "longer than tokens live": forged(claims={"exp": NOW + 86_400}),
    "without an end": forged(claims={"exp": None}),
    "for somebody beside its permit": forged(claims={"sub": "eve"}),
    "for another node beside its permit": forged(claims={"aud": "bergen"}),
    "for data of two nodes": forged(claims={"permit": a_permit(**MINE | BOTH).to_json() | {"people": ["ana"]}}),
    "issued by somebody else": forged(claims={"iss": OTHER_HUB.name}),
    "of another kind": forged(header={"typ": "oncommons-permit+jwt"}),
    "without a kind": forged(header={"typ": ""}),
    "not signed": stripped(),
    "too long": forged(claims={"more": "x" * 9_000}),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_stranger_gets_nothing_by_any_route_and_is_told_the_same_by_all(twins, asks, stranger, caplog):
    known, told = objects(twins[1])[0], set()
    words = {"study": known.study, "series": known.series, "sop": known.sop, "frames": "1", "path:path": "7FE00010"}
    for route in [*ROUTES, "/nothing", "/studies?x=y"]:
        path = re.sub(r"{(.*?)}", lambda name: words[name[1]], route)
        got = asks[1](DICOMWEB + path, STRANGERS[stranger])
        told.add((got.status_code, got.json()["error"]["code"], got.headers["www-authenticate"], got.content))
    assert len(told) == 1
    assert min(told)[:3] == (401, "E377", "Bearer")
    assert caplog.records == []  # strangers could fill it


def test_no_token_and_no_other_way_in_opens_anything(asks):
    token = token_for()
    basic = base64.b64encode(f"x:{token}".encode()).decode()
    for headers in ({}, {"authorization": f"Basic {basic}"}, {"cookie": f"oncommons_token={token}"}):
        assert asks[1](f"{DICOMWEB}/studies", **headers).status_code == 401
    assert asks[1](f"{DICOMWEB}/studies?token={token}").status_code == 401
    assert asks[1](f"{DICOMWEB}/studies", token).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/node/files", "/dicom-web/", "/beacon/info", "/openapi.json"])
def test_there_is_nothing_but_dicomweb(asks, path):
    assert asks[1](path, token_for()).status_code == 404
    assert asks[1](path).status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_sent(asks, method):
    assert asks[1](f"{DICOMWEB}/studies", token_for(), method).status_code == 405
    assert asks[1](f"{DICOMWEB}/studies", None, method).status_code == 401


def test_a_page_of_a_viewer_may_ask_and_no_other(twins):
    with visiting(twins[1], origins=["https://viewer.test"]) as ask:
        told = [
            ask(f"{DICOMWEB}/studies", token_for(), origin=origin).headers.get("access-control-allow-origin")
            for origin in ("https://viewer.test", "https://evil.test")
        ]
        before = ask(f"{DICOMWEB}/studies", method="OPTIONS", origin="https://viewer.test")
        assert ask(f"{DICOMWEB}/studies", method="OPTIONS", origin="https://evil.test").status_code == 401
    assert told == ["https://viewer.test", None]
    assert (before.status_code, before.headers["access-control-allow-headers"]) == (
        204,
        "authorization, content-type, accept",
    )


def test_addresses_of_answers_are_those_that_researchers_use(twins):
    with visiting(twins[1], url="https://images.test/athens") as ask:
        found = ask(f"{DICOMWEB}/studies", token_for()).json()
        assert found[0]["00081190"]["Value"][0].startswith("https://images.test/athens/dicom-web/studies/2.25.")
        assert ask(f"{DICOMWEB}/studies", token_for(), "HEAD").content == b""


def entered(home):
    with closing(open_log(home)) as log:
        return [e["body"] for e in map(json.loads, log.lines()) if e["kind"] == "images"]


def test_every_access_is_in_the_audit_log_without_a_value_that_leads_to_a_patient(twins):
    home = twins[0]
    before, one = len(entered(home)), objects(home)[0]
    token = HUB.image_token(a_permit(**MINE), "ana", "athens", NOW)
    with visiting(home) as ask:
        ask(f"{DICOMWEB}/studies?PatientID={one.patient}&limit=3", token.token)
        ask(f"{DICOMWEB}/studies/{one.study}/metadata", token.token)
        ask(f"{DICOMWEB}/studies/1.2.3", token.token)
        ask(f"{DICOMWEB}/studies", "nonsense")
    found = entered(home)[before:]
    assert [(e["at"], e["status"], e.get("objects")) for e in found] == [
        ("/studies", 200, None),
        ("/studies/{study}/metadata", 200, sum(o.study == one.study for o in objects(home))),
        ("/studies/{study}", 404, 0),
    ]
    assert found[0]["asked"] == ["PatientID", "limit"]
    assert {(e["permit"], e["project"], e["token"]) for e in found} == {("P-7", "lung", token.id)}
    assert {tuple(e["datasets"]) for e in found} == {("d",)}
    text = json.dumps(found)
    assert not any(word in text for word in ("ana", one.study, one.patient, "1.2.3"))


def test_nothing_leaves_that_cannot_be_entered(spare):
    with visiting(spare) as ask:
        assert ask(f"{DICOMWEB}/studies", token_for()).status_code == 200
        with closing(open_log(spare)) as log:
            log._connection.execute("DROP TABLE entry")
        got = ask(f"{DICOMWEB}/studies", token_for())
    assert (got.status_code, got.json()["error"]["code"]) == (503, "E403")


@contextmanager
def served(home, *words):
    """The command, run; gives what it tells."""
    command = [sys.executable, "-m", "oncommons", "node", "permits", "serve", "--port", "0", "--json"]
    line = [*command, "--dir", str(home.folder), *words]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


class Meanwhile(ImageGate):
    """A gate at which something happens while the first answer is entered, when it was made already."""

    def enter(self, visitor, access):
        super().enter(visitor, access)
        if happens := self.__dict__.pop("happens", None):
            happens()


def test_who_opts_out_while_an_answer_is_entered_is_not_in_it(spare):
    (person,) = {one.patient for one in objects(spare) if one.modality == "CT"}
    with visiting(spare, make=Meanwhile) as ask:
        ask.app.state.gate.happens = lambda: opt_out(spare, [person], Person("mira", "command line"))
        (study,) = ask(f"{DICOMWEB}/studies", token_for()).json()
    assert study["00080061"]["Value"] == ["MR"]
    assert [e["status"] for e in entered(spare)][-2:] == [200, 200]


def test_a_permit_that_is_taken_back_while_an_answer_is_made_gives_none(spare):
    class Slow(ImageGate):
        def scope(self, visitor):
            with closing(Permitted(spare.folder / PERMITS)) as manager:
                manager.revoke("P-7", NOW)
            return super().scope(visitor)

    with visiting(spare, make=Slow) as ask:
        got = ask(f"{DICOMWEB}/studies", token_for())
    assert (got.status_code, got.json()["error"]["at"]) == (403, "permit.revoked")
    assert entered(spare)[-1]["status"] == 403


def test_a_node_serves_the_outside_only_where_its_data_manager_says_so(home):
    asked = AskedOutside(Listen("127.0.0.1", 0))
    with pytest.raises(NotJoined):
        serve_outside(home, asked, print)
    with pytest.raises(ImagesClosed):
        serve_outside(join(home, "off"), asked, print)
    with pytest.raises(BadRequest, match="--url"):
        serve_outside(join(home), replace(asked, url="images.test"), print)


def test_the_command_serves_images_until_it_is_told_to_end(spare):
    """A process of its own, with a token of the hub for now, as a data manager starts it."""
    with served(spare, "--url", "https://images.test/") as told:
        assert told["dicomweb"] == "https://images.test/dicom-web"
        place = f"{told['listening']}{DICOMWEB}/studies"
        assert requests.get(place, timeout=30).json()["error"]["code"] == "E377"
        period = {"not_before": "2026-01-01", "not_after": "2035-12-31"}
        token = token_for(now=time.time(), period=period)
        assert len(requests.get(place, headers=bearer(token), timeout=30).json()) == 2


@pytest.mark.parametrize(
    ("listen", "encrypted"),
    [
        (Listen("127.0.0.1"), True),
        (Listen("localhost"), True),
        (Listen("10.1.2.3"), False),
        (Listen("10.1.2.3", certificate="cert.pem", key="key.pem"), True),
    ],
)
def test_it_is_told_where_tokens_would_pass_without_encryption(twins, listen, encrypted):
    body, text = announced(twins[0], AskedOutside(listen), "http://10.1.2.3:8644")
    assert body == {
        "dicomweb": "http://10.1.2.3:8644/dicom-web",
        "listening": "http://10.1.2.3:8644",
        "images": "permit",
    }
    assert text.startswith("Images of athens for people of permits: http://10.1.2.3:8644/dicom-web.")
    assert ("without encryption" in text) is not encrypted

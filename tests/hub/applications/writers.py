"""How tests write applications."""

import io
import zipfile

from tests.hub.callers import card

from oncommons.schema.dataset import DatasetCard

PDF = b"%PDF-1.7\nan ethics committee says yes\n%%EOF\n"
CARDS = {
    "athens": [card("lung", licence="DUO:0000007 (ICD10:C34), DUO:0000021"), card("open", licence="CC BY 4.0")],
    "berlin": [card("chest", licence="DUO:0000046"), card("odd", licence="Ask us.")],
}


def fill(hub):
    """Let nodes join and publish datasets."""
    for node, cards in CARDS.items():
        hub.join(node)
        hub.app.state.applications.shelf.replace(node, [DatasetCard.from_json(one) for one in cards], hub.clock())
    return hub


def begun(who, **answers):
    """The identifier of an application that somebody begins."""
    got = who("POST", "/api/applications", json={"answers": answers})
    assert got.status_code == 201, got.text
    return got.json()["id"]


def look(who, identifier):
    got = who("GET", f"/api/applications/{identifier}")
    assert got.status_code == 200, got.text
    return got.json()


def save(who, identifier, seen=0, **answers):
    """What became of answers, all of which were seen at one revision, or at those of a table."""
    seen = seen if isinstance(seen, dict) else dict.fromkeys(answers, seen)
    got = who("PUT", f"/api/applications/{identifier}/answers", json={"answers": answers, "revisions": seen})
    assert got.status_code == 200, got.text
    return got.json()


def attach(who, identifier, content=PDF, name="vote.pdf", paragraph="ethics"):
    path = f"/api/applications/{identifier}/documents"
    return who("POST", path, params={"paragraph": paragraph, "name": name}, content=content)


def joined(owner, other, identifier):
    """Make somebody an author, by their address."""
    owner("POST", f"/api/applications/{identifier}/invitations", json={"email": other.email})
    (waiting,) = [one for one in look(owner, identifier)["invitations"] if one["email"] == other.email]
    got = other("POST", "/api/application-invitations", json={"invitation": waiting["id"]})
    assert got.status_code == 200, got.text


def packed(**files):
    """A zip file."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return body.getvalue()

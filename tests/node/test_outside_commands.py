"""The data manager's commands for images that people of permits have."""

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest
from tests.node.checked import keep
from tests.node.visits import join, mine, objects, token_for, visiting
from tests.permits import NOW

from oncommons.node.home import open_home
from oncommons.node.outside_serving import DICOMWEB
from oncommons.storage.permitted import PERMITS, Permitted


@pytest.fixture
def visited(home, tmp_path):
    """A node at which two people have looked at images, and one was refused."""
    made = join(home)
    keep(made, tmp_path, mine(), "d")
    (ct,) = {one.study for one in objects(made) if one.modality == "CT"}
    with visiting(made) as ask:
        token = token_for("ana")
        ask(f"{DICOMWEB}/studies", token)
        ask(f"{DICOMWEB}/studies/{ct}/metadata", token)
        ask(f"{DICOMWEB}/studies", token_for("ben"))
        ask(f"{DICOMWEB}/studies", token_for("ben", analyses=["count"]))
    return made, ct


def listed(oncommons, home, *words):
    status, out, _ = oncommons("node", "permits", "visits", *words, "--json", "--dir", home.folder)
    assert status == 0
    return [(v["person"], v["permit"], v["requests"]) for v in json.loads(out)["visits"]]


def test_it_is_told_who_has_looked_and_how_often(oncommons, visited):
    home, _ = visited
    assert sorted(listed(oncommons, home)) == [("ana", "P-7", 2), ("ben", "P-7", 1), ("ben", "P-7", 1)]
    _, out, _ = oncommons("node", "permits", "visits", "--dir", home.folder)
    assert "ana" in out
    assert "2 requests" in out


def test_it_is_told_who_has_looked_at_a_study(oncommons, visited):
    home, ct = visited
    assert listed(oncommons, home, "--uid", ct) == [("ana", "P-7", 1)]
    assert listed(oncommons, home, "--uid", "1.2.3") == []
    assert oncommons("node", "permits", "visits", "--uid", "1.2.3", "--dir", home.folder)[1] == "Nobody has.\n"


def test_whose_tokens_were_is_deleted_and_that_they_were_shown_is_not(oncommons, visited):
    home, ct = visited
    day_after = f"{datetime.fromtimestamp(NOW + 86_400, UTC):%Y-%m-%d}"
    assert len(listed(oncommons, home, "--forget-before", "2026-12-01")) == 3
    assert listed(oncommons, home, "--uid", ct, "--forget-before", day_after) == [(None, "P-7", 1)]
    assert "name deleted" in oncommons("node", "permits", "visits", "--dir", home.folder)[1]
    with closing(Permitted(home.folder / PERMITS)) as ledger:
        assert ledger.visits() == []
    log = oncommons("audit", "list", "--node", home.folder, "--kind", "permit", "--json")[1]
    assert [e["body"]["tokens"] for e in json.loads(log)["entries"]] == [0, 3]
    status, _, told = oncommons("node", "permits", "visits", "--forget-before", "soon", "--dir", home.folder)
    assert (status, told[:4]) == (30, "E371")


def test_a_node_serves_images_to_the_outside_only_once_that_was_decided(oncommons, home):
    join(home, "off")
    status, _, told = oncommons("node", "permits", "serve", "--port", "0", "--dir", home.folder)
    assert (status, told[:4]) == (30, "E378")
    assert "oncommons node policy --images" in told


def test_who_outside_may_have_images_is_a_setting_that_is_off_at_first(oncommons, home):
    assert open_home(home.folder).showing == "off"
    status, out, _ = oncommons("node", "policy", "--images", "consent", "--dir", home.folder)
    assert (status, out) == (0, "Policy: open: counts are exact. Permits: optional. Images for the outside: consent.\n")
    assert open_home(home.folder).showing == "consent"
    assert "for the outside: consent" in oncommons("node", "status", "--dir", home.folder)[1]
    status, _, told = oncommons("node", "policy", "--images", "everybody", "--dir", home.folder)
    assert (status, told[:4]) == (30, "E307")


def test_consent_to_images_is_given_apart(oncommons, home):
    def decide(*words):
        oncommons("node", "permits", "consent", "lung", *words, "--dir", home.folder)
        (project,) = json.loads(oncommons("node", "permits", "list", "--json", "--dir", home.folder)[1])["projects"]
        return bool(project["consented"]), bool(project["images"])

    assert decide("--images") == (False, True)
    assert decide() == (True, True)
    assert decide("--images", "--withdraw") == (True, False)
    _, out, _ = oncommons("node", "permits", "consent", "lung", "--images", "--dir", home.folder)
    assert ", to images on " in out
    assert "does not ask for consent now" in out
    log = oncommons("audit", "list", "--node", home.folder, "--kind", "permit", "--json")[1]
    assert [e["body"]["what"] for e in json.loads(log)["entries"]] == [
        "images: consented", "consented", "images: consent withdrawn", "images: consented"
    ]  # fmt: skip

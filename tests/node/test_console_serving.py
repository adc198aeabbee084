"""The command ``node console``: what it says, and who it lets in."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests
import trustme
from tests.node.tables import import_rows

from oncommons.node.console_serving import Asked, lock_of, serve_console
from oncommons.schema.errors import BadRequest, StorageFailed, UnreadableSource


@contextmanager
def serving(home, *words):
    line = [
        sys.executable,
        "-m",
        "oncommons",
        "node",
        "console",
        "--dir",
        str(home.folder),
        "--port",
        "0",
        "--json",
        *words,
    ]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def test_the_link_that_is_printed_opens_the_console(home):
    with serving(home, "--dicomweb") as told, requests.Session() as browser:
        assert browser.get(told["dicomweb"] + "/studies", timeout=30).status_code == 401
        browser.get(told["link"], timeout=30)
        assert browser.get(told["dicomweb"] + "/studies", timeout=30).status_code == 204
        assert told["link"].startswith(told["url"] + "/?token=")


def test_the_link_leads_to_the_pages_of_the_data_manager(home):
    with serving(home) as told, requests.Session() as browser:
        page = browser.get(told["link"], timeout=30)
        assert (page.status_code, page.url) == (200, told["url"] + "/")
        assert "What came in, and what waits for you?" in page.text
        assert browser.get(told["url"] + "/api/node", timeout=30).json()["name"] == home.folder.name


def test_a_beacon_is_served_to_who_has_the_token(home, tmp_path):
    import_rows(home, tmp_path, {"modality": "CT"}, {"modality": "MR"})
    with serving(home, "--beacon") as told, requests.Session() as browser:
        assert browser.get(told["beacon"] + "/info", timeout=30).status_code == 401
        browser.get(told["link"], timeout=30)
        ends = ("", "/", "/info")
        roots = [browser.get(told["beacon"] + end, timeout=30).json()["response"] for end in ends]
        assert roots[0]["alternativeUrl"] == told["beacon"]
        assert roots[0] == roots[1] == roots[2]
        assert browser.get(told["beacon"] + "/map", timeout=30).json()["response"]["endpointSets"]
        asked = {"filters": "DCM:CT", "requestedGranularity": "count"}
        found = browser.get(told["beacon"] + "/imaging_series", params=asked, timeout=30).json()
        assert found["responseSummary"]["numTotalResults"] == 1


def test_dicomweb_is_served_only_when_it_is_asked_for(home):
    with serving(home) as told, requests.Session() as browser:
        browser.get(told["link"], timeout=30)
        assert browser.get(told["url"] + "/dicom-web/studies", timeout=30).status_code == 404
        assert "dicomweb" not in told


def test_it_serves_https_itself(home, tmp_path):
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "node.pem")
    files = ("--certificate", str(tmp_path / "node.pem"), "--key", str(tmp_path / "node.pem"))
    with serving(home, "--dicomweb", *files) as told, requests.Session() as browser:
        browser.verify, browser.trust_env = str(tmp_path / "ca.pem"), False
        browser.get(told["link"], timeout=30)
        assert told["url"].startswith("https://")
        assert browser.get(told["dicomweb"] + "/studies", timeout=30).status_code == 204


def test_it_is_known_by_its_own_names_and_by_those_that_it_is_given():
    own = {"127.0.0.1", "localhost", "::1"}
    assert lock_of("t", Asked("127.0.0.1", 0)).hosts == own
    assert lock_of("t", Asked("10.0.0.7", 0, url="https://Images.example:9/n")).hosts == own | {
        "10.0.0.7",
        "images.example",
    }
    assert lock_of("t", Asked("0.0.0.0", 0)).hosts == own


def test_viewers_are_known_by_their_origin():
    assert lock_of("t", Asked("x", 0, origins=("https://Viewer.example/",))).origins == {"https://viewer.example"}


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        (Asked("127.0.0.1", 0, dataset=" "), UnreadableSource),
        (Asked("127.0.0.1", 0, dataset="x", url="images.example"), BadRequest),
        (Asked("127.0.0.1", 0, dataset="x", certificate="none.pem", key="none.pem"), StorageFailed),
        (Asked("127.0.0.1", 0, dataset="x", certificate="none.pem"), StorageFailed),
    ],
)
def test_what_cannot_be_served_is_told_before_anything_listens(home, asked, fault):
    with pytest.raises(fault):
        serve_console(home, asked, lambda *_: None, lambda _: None)

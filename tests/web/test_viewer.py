"""OHIF, a viewer that others make, shows the images that a node keeps; in a real browser, over DICOMweb."""

import json
import os
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from tests.data import data
from tests.node.consoles import console
from tests.web.browsing import NEEDS_CHROMIUM, started

from oncommons.node.flow import import_images
from oncommons.node.home import make_home
from oncommons.node.receive.folder import FileArrival, files_in
from oncommons.node.receive.table import About
from oncommons.policy.disclosure.counts import Policy

VIEWER = Path(os.environ.get("ONCOMMONS_OHIF", "")) / "index.html"
LIGHT = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SHOWN = """() => [...document.querySelectorAll(".cornerstone-viewport-element canvas")].some(canvas => {
    const small = document.createElement("canvas").getContext("2d");
    small.drawImage(canvas, 0, 0, 64, 64);
    return new Set(small.getImageData(0, 0, 64, 64).data).size > 20;
})"""
"""Whether some picture has more than twenty shades."""

pytestmark = [
    pytest.mark.skipif(
        not VIEWER.is_file(),
        reason="ONCOMMONS_OHIF does not name a folder with the built OHIF viewer; .ci/peers gets it",
    ),
    NEEDS_CHROMIUM,
    pytest.mark.timeout(300),
]


class Viewer(SimpleHTTPRequestHandler):
    """The viewer's files; every other path is a page of it."""

    def send_head(self):
        path = self.path.partition("?")[0]
        if path == "/app-config.js":
            self.directory = self.server.own
        elif not Path(self.translate_path(path)).is_file():
            self.path = "/index.html"
        return super().send_head()

    def log_message(self, *_):
        """Say nothing."""


def config(dicomweb):
    """The viewer's settings, as docs/how-to-view-images.md gives them."""
    told = dict.fromkeys(("qidoRoot", "wadoRoot"), dicomweb)
    source = {
        "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
        "sourceName": "node",
        "configuration": told
        | {
            "friendlyName": "node",
            "imageRendering": "wadors",
            "thumbnailRendering": "wadors",
            "supportsWildcard": True,
        },
    }
    body = {"extensions": [], "modes": [], "defaultDataSourceName": "node", "dataSources": [source]}
    return f"window.config = {json.dumps(body)};"


@contextmanager
def viewer(folder):
    """A web server of another origin that has the viewer; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Viewer, directory=str(VIEWER.parent)))
    server.own = str(folder)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture(scope="module")
def browser():
    """Chromium that draws in three dimensions without a graphics card."""
    with started(*LIGHT) as browser:
        yield browser


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = make_home(tmp_path_factory.mktemp("node") / "athens", Policy("open"))
    import_images(made, map(FileArrival, files_in(data("sts") / "STS_002")), "sts", About("Sarcoma"), lambda *_: None)
    return made


def test_ohif_lists_the_series_of_a_study_and_shows_its_images(browser, home, tmp_path):
    with viewer(tmp_path) as address, console(home, origins=[address]) as node:
        (tmp_path / "app-config.js").write_text(config(node.dicomweb))
        study = requests.get(f"{node.dicomweb}/studies", headers=node.headers, timeout=30).json()[0]
        uid, answers = study["0020000D"]["Value"][0], []
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.on("response", lambda answer: answers.append((answer.status, answer.url)))
        page.goto(f"{address}/viewer?StudyInstanceUIDs={uid}&token={node.token}")
        page.wait_for_function(SHOWN, timeout=120_000)
        text, shown_address = page.inner_text("body"), page.url
        page.close()
    assert node.token not in shown_address
    assert [told for told in answers if told[0] >= 400] == []
    assert {told for told in ("1_CT_image", "1_PET_image", "1_MR_T1_image", "1_CT_mask") if told not in text} == set()
    assert any("/frames/1" in url for _, url in answers)

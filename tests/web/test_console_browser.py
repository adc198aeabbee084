"""The console of a node in a real browser: accessible in light and dark, quiet, and complete without JavaScript."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn
from tests.node.images import dicom
from tests.node.steward.asked import ask_some, asked_home
from tests.node.steward.homes import entries, make_node, waiting
from tests.node.tables import import_rows
from tests.web.browsing import LIGHT_AND_WIDE, NEEDS_CHROMIUM, WIDTH, begin, examine, looking

from oncommons.client.inside import steward_inside
from oncommons.node.checking import check
from oncommons.node.console import ConsoleSettings, make_console
from oncommons.node.home import make_home
from oncommons.node.shown import runs_json
from oncommons.policy.disclosure.counts import Policy
from oncommons.service.door import Lock
from oncommons.web.console import mount_console

TOKEN = "the-token-of-this-node"
PAGES = {
    "/": 200,
    "/files": 200,
    "/files/{us}?look=even&done=replaced": 200,
    "/files/{cut}": 200,
    "/files/{kept}": 200,
    "/quarantine": 200,
    "/quarantine/decide?do=release&file={us}&file={cut}": 200,
    "/quarantine/decide?do=reject&file={us}": 200,
    "/mappings": 200,
    "/quality": 200,
    "/permits": 200,
    "/permits/P-7": 200,
    "/optouts": 200,
    "/analyses": 200,
    "/preview": 200,
    "/import": 200,
    "/nowhere": 404,
}
pytestmark = NEEDS_CHROMIUM
ASIDE = "[...document.querySelectorAll('.scroll')].filter(s => s.scrollWidth > s.clientWidth).length"
"""How many tables are wider than the page."""
UNFOLD = 'for (const d of document.querySelectorAll("main details")) d.open = true'


@contextmanager
def console(home):
    """A console that really listens; gives the link with its token."""
    app = make_console(home, ConsoleSettings(Lock(TOKEN)))
    mount_console(app, steward_inside(app.state.steward), "0.1.0")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    home = make_node(tmp_path_factory.mktemp("node"))
    check(home)
    return ask_some(home, "lung")[0]


@pytest.fixture(scope="module")
def url(node):
    with console(node) as found:
        yield found


@pytest.fixture(scope="module")
def names(node):
    kept = entries(node, outcome="kept")[0].digest
    return {"us": waiting(node, "us/4.dcm"), "cut": waiting(node, "ct/7.dcm"), "kept": kept}


@contextmanager
def signed_in(chromium, url, **options):
    with looking(chromium, url, **options) as (page, heard):
        page.goto(f"{url}/?token={TOKEN}")
        yield page, heard


@pytest.fixture(scope="module")
def tab(chromium, url):
    """A page, and what it says; it goes from address to address, as a data manager does."""
    with signed_in(chromium, url, **LIGHT_AND_WIDE) as found:
        yield found


@pytest.fixture
def looker(tab):
    """The page as it was at first."""
    begin(*tab)
    return tab


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible_fits_and_is_quiet(looker, url, names, path):
    page, heard = looker
    assert page.goto(url + path.format(**names)).status == PAGES[path]
    examine(page, UNFOLD, narrow=320)
    assert [text for text in heard if f"status of {PAGES[path]}" not in text] == []


@pytest.mark.parametrize("width", [1100, 400])
def test_long_values_to_decide_fit_without_scrolling_aside(chromium, tmp_path, width):
    home = make_home(tmp_path / "home", Policy("open"))
    import_rows(home, tmp_path, {"person": "1", "manufacturer": "A maker of " + "unknown_" * 12})
    options = {"viewport": {"width": width, "height": 900}}
    with console(home) as url, signed_in(chromium, url, **options) as (page, _):
        page.goto(f"{url}/mappings")
        page.get_by_role("row", name=re.compile("A maker of")).get_by_role("combobox").select_option("SIEMENS")
        assert page.evaluate(WIDTH) <= width
        assert page.evaluate(ASIDE) == 0
        page.get_by_role("button", name="Accept").click()
        page.get_by_text("1 mapping accepted; 1 series mapped anew.").wait_for()


def test_the_link_lets_in_and_the_token_leaves_the_address(chromium, url):
    with looking(chromium, url) as (page, _):
        assert page.goto(url).status == 401
        assert page.goto(f"{url}/?token={TOKEN}").status == 200
        assert page.url == f"{url}/"
        assert page.goto(f"{url}/quarantine").status == 200


def test_a_data_manager_agrees_to_a_question_without_javascript(chromium, tmp_path):
    home, name = asked_home(tmp_path)
    with console(home) as url, signed_in(chromium, url, java_script_enabled=False) as (page, _):
        page.get_by_role("link", name="Permits").click()
        page.get_by_role("textbox", name="Your name").fill("Mira")
        page.get_by_role("button", name="Agree").click()
        page.get_by_text("is answered once").wait_for()
    assert {run["run"]: run["state"] for run in runs_json(home)}[name] == "agreed"


def test_a_data_manager_decides_without_javascript(chromium, tmp_path):
    home = make_node(tmp_path)
    with console(home) as url, signed_in(chromium, url, java_script_enabled=False) as (page, heard):
        page.get_by_role("link", name="4 files wait for a decision").click()
        page.get_by_role("heading", name="The image may show text 2 files").wait_for()
        page.get_by_role("link", name=re.compile(r"Look and decide.* about 4\.dcm")).click()
        picture = page.get_by_role("img", name="Frame 1 of 4.dcm")
        assert picture.evaluate("image => image.complete && image.naturalWidth") == 8
        page.get_by_role("link", name="every shade apart").click()
        page.get_by_role("row", name=re.compile("PatientName.*Quokka.*replaced")).wait_for()
        page.get_by_role("checkbox", name="I have looked at the picture").check()
        page.get_by_role("button", name="Release the file").click()
        page.get_by_role("heading", name="1 kept").wait_for()
        page.get_by_role("link", name="Back to quarantine").click()
        form = page.get_by_role("form", name="The image is damaged")
        form.get_by_role("checkbox", name="7.dcm").check()
        form.get_by_role("button", name="Reject those chosen …").click()
        page.get_by_role("heading", name="Reject this file?").wait_for()
        assert len(entries(home, outcome="refused")) == 1
        page.get_by_role("checkbox", name="Yes, delete this copy.").check()
        page.get_by_role("button", name="Reject the file").click()
        page.get_by_role("heading", name="1 rejected").wait_for()
        assert [len(entries(home, outcome=o)) for o in ("kept", "quarantined", "refused")] == [4, 2, 2]
        assert heard == []


def test_a_box_that_is_not_ticked_stops_the_release(looker, url, names):
    page, _ = looker
    page.goto(f"{url}/files/{names['us']}")
    page.get_by_role("button", name="Release the file").click()
    assert page.url == f"{url}/files/{names['us']}"


def test_a_file_is_tried_in_the_browser(chromium, url, tmp_path):
    (tmp_path / "try.dcm").write_bytes(dicom(42))
    with signed_in(chromium, url, java_script_enabled=False) as (page, heard):
        page.get_by_role("link", name="Try a file").click()
        page.get_by_label("A DICOM file").set_input_files(tmp_path / "try.dcm")
        page.get_by_label("What was done").select_option("replaced")
        page.get_by_role("button", name="Show before and after").click()
        page.get_by_role("row", name=re.compile("PatientName.*Quokka")).wait_for()
        assert heard == []


def test_a_page_of_another_site_changes_nothing(chromium, url, node, names):
    form = (
        f'<form method="post" action="{url}/quarantine/decide"><input name="do" value="reject">'
        f'<input name="file" value="{names["us"]}"><input name="sure" value="yes"><button>Win a prize</button></form>'
    )
    with signed_in(chromium, url) as (page, _):
        page.route("http://evil.test/", lambda route: route.fulfill(body=form, content_type="text/html"))
        page.goto("http://evil.test/")
        with page.expect_navigation() as found:
            page.get_by_role("button", name="Win a prize").click()
        assert found.value.status in {400, 401, 403}
    assert len(entries(node, outcome="quarantined")) == 4


def test_the_keyboard_reaches_every_decision(looker, url, names):
    page, _ = looker
    page.goto(f"{url}/files/{names['us']}")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
    for name in ("Skip to the content", "every shade apart", "sure", "Release the file", "Reject the file …"):
        assert name in reached

"""The command ``oncommons watch``, run as the front door runs it, over a socket."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.schema.test_saved import SAVED
from tests.web.fake_hub import FakeHub, cards_of

from oncommons.client.transport import Request
from oncommons.client.watch_commands import _lines
from oncommons.schema.answer import exact
from oncommons.schema.parsing import parse_question
from oncommons.schema.saved import Heard, digest_of

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
DIGEST = digest_of(parse_question(WOMEN))


@pytest.fixture
def shown():
    """What each call showed of who calls."""
    return []


@pytest.fixture
def hub(shown):
    """A hub at which 70 to 79 are certain."""
    fake = FakeHub(cards_of(each=1))
    fake.shown = shown

    class Handler(BaseHTTPRequestHandler):
        def _any(self):
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            fake.shown.append(self.headers.get("authorization") or self.headers.get("oncommons-permit"))
            reply = fake(Request(self.command, f"http://127.0.0.1{self.path}", {}, content, 1.0))
            self.send_response(reply.status)
            self.send_header("content-length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = _any  # noqa: N815  so the library calls it
        do_POST = _any  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def question(tmp_path):
    path = tmp_path / "question.json"
    path.write_text(json.dumps(WOMEN))
    return path


@pytest.mark.parametrize(("reach", "status", "word"), [(70, 0, "reached"), (75, 3, "perhaps"), (80, 4, "not reached")])
def test_the_exit_status_tells_how_far_it_is(oncommons, hub, question, reach, status, word):
    ended, out, _ = oncommons("watch", question, "--reach", reach, "--hub", hub)
    assert ended == status
    assert f"\n{reach} {word}: certain 70–79, rounded\n" in out


def test_for_people_each_node_is_told_and_where_the_feed_is(oncommons, hub, question):
    _, out, _ = oncommons("watch", question, "--reach", 5, "--hub", hub, "--name", "Women")
    lines = out.splitlines()
    assert lines[0] == "“Women” Count people where sex is F, by dataset."
    assert [line.split()[0] for line in lines[2:6]] == ["athens", "bologna", "cork", "dresden"]
    assert "never answered" in lines[4]
    assert lines[5].endswith("told 2026-09-20T08:00:00+00:00; it did not answer since")
    assert lines[6] == f"Feed: {hub}/api/saved/{DIGEST}/feed.atom"


def test_of_a_node_that_waits_for_consent_it_is_not_said_that_it_never_answered():
    heard = (
        Heard("athens", "2026-01-02", None, "", False, "E356"),
        Heard("bologna", "2026-01-02", exact(3), "2026-01-01", False, "E356"),
        Heard("cork", "2026-01-02", None, "", False, "E374"),
    )
    told = [" ".join(line.split()) for line in _lines(replace(SAVED, heard=heard), 5)][2:]
    assert told == ["athens waits for consent", "bologna 3, told 2026-01-01; it waits for consent", "cork refused"]


def test_without_a_name_it_has_its_words(oncommons, hub, question):
    _, out, _ = oncommons("watch", question, "--reach", 5, "--hub", hub, "--json")
    assert json.loads(out)["name"] == "Count people where sex is F, by dataset."


def test_for_programs_it_is_json(oncommons, hub, question):
    status, out, _ = oncommons("watch", question, "--reach", 90, "--hub", hub, "--json")
    body = json.loads(out)
    assert (status, body["reach"], body["standing"], body["count"]["at_least"]) == (4, 90, "not reached", 70)


@pytest.mark.parametrize("written", [f"{{}}/saved/{DIGEST}", f"{{}}/api/saved/{DIGEST}/"])
def test_the_address_of_a_saved_question_names_its_hub(oncommons, hub, question, written, monkeypatch):
    oncommons("watch", question, "--reach", 5, "--hub", hub)
    assert oncommons("watch", written.format(hub), "--reach", 90)[0] == 4
    monkeypatch.setenv("ONCOMMONS_HUB_URL", "http://127.0.0.1:1")
    _, out, _ = oncommons("watch", written.format(hub), "--reach", 90)
    assert out.splitlines()[-1] == f"Feed: {hub}/api/saved/{DIGEST}/feed.atom"


def test_an_address_of_another_hub_than_the_one_given_is_refused(oncommons, hub):
    status, _, err = oncommons("watch", f"https://hub.example/saved/{DIGEST}", "--reach", 90, "--hub", hub)
    assert (status, "another hub" in err) == (40, True)


def test_a_token_of_the_environment_is_not_shown_to_a_hub_that_only_an_address_names(
    oncommons, hub, shown, monkeypatch
):
    monkeypatch.setenv("ONCOMMONS_TOKEN", "onc_mine")
    address = f"{hub}/saved/{DIGEST}"
    for usual in ("", "http://127.0.0.1:1", hub.replace("127.0.0.1", "localhost")):
        monkeypatch.setenv("ONCOMMONS_HUB_URL", usual)
        if not usual:
            monkeypatch.delenv("ONCOMMONS_HUB_URL")
        assert "your token is not shown there" in oncommons("watch", address, "--reach", 90)[2]
    assert shown
    assert set(shown) == {None}


def test_a_token_is_shown_to_ones_own_hub_and_where_it_is_given(oncommons, hub, shown, monkeypatch):
    address = f"{hub}/saved/{DIGEST}"
    oncommons("watch", address, "--reach", 90, "--token", "onc_given")
    monkeypatch.setenv("ONCOMMONS_TOKEN", "onc_mine")
    assert set(shown) == {"Bearer onc_given"}
    shown.clear()
    assert "not shown" not in oncommons("watch", address, "--reach", 90, "--hub", hub)[2]
    monkeypatch.setenv("ONCOMMONS_HUB_URL", f"{hub}/")
    assert "not shown" not in oncommons("watch", address, "--reach", 90)[2]
    assert set(shown) == {"Bearer onc_mine"}


def test_a_pass_is_shown_to_ones_own_hub_and_of_the_environment_to_no_other(
    oncommons, hub, question, shown, monkeypatch
):
    oncommons("watch", question, "--reach", 5, "--hub", hub, "--permit", "P-7.given", "--wait", "--within", 0)
    assert set(shown) == {"P-7.given"}
    shown.clear()
    monkeypatch.setenv("ONCOMMONS_PERMIT", "P-7.mine")
    assert "your pass is not shown there" in oncommons("watch", f"{hub}/saved/{DIGEST}", "--reach", 90)[2]
    assert set(shown) == {None}
    shown.clear()
    oncommons("watch", f"{hub}/saved/{DIGEST}", "--reach", 90, "--hub", hub)
    assert set(shown) == {"P-7.mine"}


@pytest.mark.parametrize("written", [DIGEST, f"/saved/{DIGEST}", f"{{}}/saved/{DIGEST}"])
def test_a_saved_question_is_named_by_its_identifier_or_address(oncommons, hub, question, written):
    written = written.format(hub)
    oncommons("watch", question, "--reach", 5, "--hub", hub)
    assert oncommons("watch", written, "--reach", 90, "--hub", hub)[0] == 4
    assert oncommons("watch", written, "--reach", 90, "--hub", hub, "--name", "x")[0] == 40


def test_waiting_ends_when_it_is_reached_or_patience_is_at_its_end(oncommons, hub, question):
    status, _, err = oncommons("watch", question, "--reach", 70, "--hub", hub, "--wait")
    assert (status, err) == (0, f"The hub watches {hub}/saved/{DIGEST}\n")
    assert oncommons("watch", question, "--reach", 80, "--hub", hub, "--wait", "--within", 0)[0] == 4


def test_a_question_that_is_none_and_a_hub_that_is_not_there_are_told(oncommons, tmp_path, question):
    assert oncommons("watch", tmp_path / "none.json", "--reach", 5)[0] == 10
    assert oncommons("watch", question, "--reach", 5, "--hub", "http://127.0.0.1:1")[0] == 20

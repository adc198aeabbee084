"""The researcher's command, run as the front door runs it."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO, TextIOWrapper

import pytest
from tests.client.answers import an_answer

from oncommons.cli import main
from oncommons.schema.answer_json import answer_to_json

PEOPLE = '{"count": "person", "where": {"field": "sex", "in": ["F"]}}'


@pytest.fixture
def hub():
    """A hub that gives one answer; its ``asked`` keeps the questions."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.asked.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            content = json.dumps(answer_to_json(an_answer())).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.url = [], f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ask(capsys):
    """Runs ``oncommons ask``; gives its exit status, what it printed and what it said on standard error."""

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["ask", *map(str, words)])
        return ended.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def question(tmp_path):
    path = tmp_path / "question.json"
    path.write_text(PEOPLE)
    return path


def test_the_answer_is_printed_for_people(ask, hub, question):
    status, out, _ = ask(question, "--hub", hub.url)
    assert status == 0
    assert "Certain 3, possible 5, from 1 of 1 nodes" in out


def test_the_answer_is_printed_for_programs(ask, hub, question):
    status, out, _ = ask(question, "--hub", hub.url, "--json", "--deadline", "3")
    assert (status, json.loads(out)) == (0, answer_to_json(an_answer()))
    ((path, body),) = hub.asked
    assert "deadline=3" in path
    assert json.loads(body) == json.loads(PEOPLE)


@pytest.fixture
def standard_input():
    """Something to read from standard input."""
    before, sys.stdin = sys.stdin, TextIOWrapper(BytesIO(PEOPLE.encode()))
    yield
    sys.stdin = before


def test_the_question_may_come_from_standard_input(ask, hub, standard_input):
    status, _, _ = ask("-", "--hub", hub.url)
    assert (status, len(hub.asked)) == (0, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "E101"),
        ("[]", "E101"),
        ('{"count": "person", "where": {"field": "shoe", "in": ["4"]}}', "E102"),
        ('{"count": "person", "where": {"field": "sex", "in": ["X"]}}', "E103"),
        ('{"count": "person", "where": {"field": "modality", "in": ["CT"]}}', "E104"),
    ],
)
def test_a_fault_in_the_question_is_told_without_calling_the_hub(ask, hub, question, text, code):
    question.write_text(text)
    status, out, _ = ask(question, "--hub", hub.url, "--json")
    assert (status, json.loads(out)["error"]["code"], hub.asked) == (10, code, [])


def test_a_question_that_cannot_be_opened_is_told(ask, tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        status, _, err = ask(path)
        assert (status, "E101" in err, "cannot be read" in err) == (10, True, True)


def test_a_hub_that_does_not_listen_is_told(ask, question):
    status, _, err = ask(question, "--hub", "http://127.0.0.1:9", "--deadline", "0.1")
    assert (status, "E206" in err, "docs/errors/E206.md" in err) == (20, True, True)


def test_an_address_that_is_not_secure_is_refused(ask, question):
    status, _, err = ask(question, "--hub", "http://hub.example.org")
    assert (status, "E208" in err) == (20, True)


def test_certificates_that_cannot_be_read_are_told(ask, question, tmp_path):
    status, _, err = ask(question, "--hub", "https://hub.example.org", "--ca", tmp_path / "none.pem")
    assert (status, "E403" in err) == (40, True)


@pytest.mark.parametrize("deadline", ["0", "301", "soon"])
def test_a_deadline_out_of_range_is_a_mistake_of_usage(ask, question, deadline):
    assert ask(question, "--deadline", deadline)[0] == 2


def test_nodes_are_named_by_options(ask, hub, question):
    assert ask(question, "--hub", hub.url, "--json", "--node", "cork", "--node", "athens")[0] == 0
    assert json.loads(hub.asked[0][1]) == json.loads(PEOPLE) | {"nodes": ["athens", "cork"]}


def test_nodes_that_are_named_twice_must_be_the_same(ask, hub, question):
    question.write_text(json.dumps(json.loads(PEOPLE) | {"nodes": ["athens"]}))
    assert ask(question, "--hub", hub.url, "--json", "--node", "athens")[0] == 0
    status, _, said = ask(question, "--hub", hub.url, "--node", "cork")
    assert status != 0
    assert "E101" in said
    assert len(hub.asked) == 1

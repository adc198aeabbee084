"""The researcher's command for a token, run as the front door runs it."""

import json
import threading
from contextlib import contextmanager

import pytest
from tests.client.servers import Recorder

GIVEN = {"id": "t1", "node": "athens", "token": "eyJ0.abc.def", "ends": 1_796_083_200}


@contextmanager
def answering(content, status=200):
    with Recorder(json.dumps(content).encode(), status) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_token_alone_is_printed_so_that_a_script_can_take_it(oncommons):
    with answering(GIVEN) as (server, url):
        status, out, told = oncommons("images", "athens", "--hub", url, "--permit", "P-7.secret")
    assert (status, out) == (0, "eyJ0.abc.def\n")
    assert "00:00:00 UTC" in told
    assert server.asked == [("POST", "/api/images/token")]


def test_programs_get_its_end_too(oncommons):
    with answering(GIVEN) as (_, url):
        status, out, _ = oncommons("images", "athens", "--hub", url, "--permit", "P-7.secret", "--json")
    assert (status, json.loads(out)) == (0, GIVEN)


def test_what_the_hub_refuses_is_told(oncommons):
    refused = {"error": {"code": "E374", "message": "images is not among the analyses.", "at": "permit.analysis"}}
    with answering(refused, 403) as (_, url):
        status, _, told = oncommons("images", "athens", "--hub", url, "--permit", "P-7.secret")
    assert status == 30
    assert told.startswith("E374")


@pytest.mark.parametrize("content", [{}, {**GIVEN, "ends": "soon"}])
def test_an_answer_that_is_none_is_told(oncommons, content):
    with answering(content) as (_, url):
        status, out, told = oncommons("images", "athens", "--hub", url, "--permit", "P-7.secret")
    assert (status, out, told[:4]) == (40, "", "E405")


def test_without_a_pass_nobody_is_asked(oncommons):
    status, _, told = oncommons("images", "athens")
    assert (status, told[:4]) == (30, "E375")

"""Calling an ASGI application of the same process from its worker threads."""

import json

import anyio
import pytest
from anyio import to_thread
from tests.client.answers import an_answer

from oncommons.client.inside import Inside, connect_inside
from oncommons.client.transport import Request
from oncommons.schema.answer_json import answer_to_json
from oncommons.schema.errors import NotFound


def getting(path):
    return Request("GET", f"http://127.0.0.1:8642{path}", {}, b"", 1)


async def body_of(receive):
    message = await receive()
    assert not message["more_body"]
    return message["body"]


def replying(status, body, seen):
    """An application that keeps what it was called with, and replies in two parts."""

    async def application(scope, receive, send):
        seen.append((scope, await body_of(receive)))
        content = json.dumps(body).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content[:5], "more_body": True})
        await send({"type": "http.response.body", "body": content[5:]})

    return application


def in_a_worker(call):
    """Run a function as a page runs: in a worker thread of an event loop."""

    async def run():
        with anyio.fail_after(20):
            return await to_thread.run_sync(call)

    return anyio.run(run)


def test_a_question_is_asked_without_a_socket():
    seen = []
    connection = connect_inside(replying(200, answer_to_json(an_answer()), seen))
    assert in_a_worker(lambda: connection.ask({"count": "person"}, 3)) == an_answer()
    scope, body = seen[0]
    assert json.loads(body) == {"count": "person"}
    assert (scope["type"], scope["method"], scope["path"]) == ("http", "POST", "/api/questions")
    assert b"deadline=3" in scope["query_string"]
    assert dict(scope["headers"])[b"content-type"] == b"application/json"
    assert scope["server"] == ("localhost", 0)
    connection.close()


def test_errors_are_raised_as_what_they_are():
    connection = connect_inside(replying(404, NotFound("No such question.").to_json(), []))
    with pytest.raises(NotFound, match="No such question"):
        in_a_worker(lambda: connection.look("q"))
    connection.close()


def test_an_escaped_path_is_given_both_ways():
    seen = []
    inside = Inside(replying(200, {}, seen))
    in_a_worker(lambda: inside(getting("/a%2Fb%20c?x=1")))
    scope, _ = seen[0]
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/a/b c", b"/a%2Fb%20c", b"x=1")


def test_an_application_that_waits_for_the_caller_to_hang_up_can_still_answer():
    async def application(scope, receive, send):
        await receive()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(receive)
            await anyio.lowlevel.checkpoint()
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"[]"})
            tasks.cancel_scope.cancel()

    assert in_a_worker(lambda: Inside(application)(getting("/"))).content == b"[]"


def test_outside_a_worker_thread_it_says_so():
    with pytest.raises(RuntimeError):
        Inside(replying(200, {}, []))(getting("/"))

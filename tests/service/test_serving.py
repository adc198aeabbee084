"""Listening: a port of one's own, and a real server that ends when told."""

import asyncio
import logging
import signal
import socket
import ssl
import subprocess
import sys
from contextlib import asynccontextmanager, closing, contextmanager
from threading import Event, Thread

import httpx
import pytest
import trustme
from starlette.applications import Starlette

from oncommons.schema.errors import MachineError, PortInUse, StorageFailed
from oncommons.service.serving import Listen, Serving, address_of, repeating, serve, take_port

SERVER = """
import sys
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from oncommons.service.serving import Listen, address_of, serve, take_port

async def hello(request):
    return PlainTextResponse("hello")

async def broken(app):
    raise ValueError("cannot start")
    yield

listen = Listen(port=0, certificate=sys.argv[1], key=sys.argv[1])
taken = take_port(listen)
app = Starlette(routes=[Route("/", hello)], lifespan=broken if "broken" in sys.argv else None)
serve(app, taken, listen, lambda: print(address_of(taken, listen), flush=True))
"""


@contextmanager
def server(certificate="", *words):
    """A server in another process, its process and the address that it said when it was ready."""
    command = [sys.executable, "-c", SERVER, certificate, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture
def busy():
    """The port of a server that listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        yield other.getsockname()[1]


def test_port_0_takes_a_free_port():
    with closing(take_port(Listen(port=0))) as taken:
        assert taken.getsockname()[1] > 0


def test_a_port_in_use_is_told_with_its_number_and_a_remedy(busy):
    with pytest.raises(PortInUse, match=f"Port {busy} is in use; choose another with --port"):
        take_port(Listen(port=busy))


def test_a_port_taken_by_a_hub_that_is_still_starting_is_in_use():
    with closing(take_port(Listen(port=0))) as taken, pytest.raises(PortInUse):
        take_port(Listen(port=taken.getsockname()[1])).close()


def test_a_port_is_free_again_when_it_was_given_back():
    taken = take_port(Listen(port=0))
    port = taken.getsockname()[1]
    taken.close()
    take_port(Listen(port=port)).close()


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_that_is_not_of_this_machine_is_told(host):
    with pytest.raises(MachineError, match=f"Cannot listen at {host}:0") as told:
        take_port(Listen(host, 0))
    assert not isinstance(told.value, PortInUse)


@pytest.fixture
def taken():
    with closing(take_port(Listen(port=0))) as taken:
        yield taken


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        (Listen(), "http://127.0.0.1"),
        (Listen("0.0.0.0"), "http://127.0.0.1"),
        (Listen(""), "http://127.0.0.1"),
        (Listen("192.0.2.1"), "http://192.0.2.1"),
        (Listen("::1"), "http://[::1]"),
        (Listen("2001:db8::7"), "http://[2001:db8::7]"),
        (Listen(certificate="hub.pem"), "https://127.0.0.1"),
        (Listen("::"), "http://[::1]"),
    ],
)
def test_an_address_is_one_that_a_browser_can_open(taken, listen, address):
    assert address_of(taken, listen) == f"{address}:{taken.getsockname()[1]}"


def test_a_server_can_listen_on_ipv6():
    listen = Listen("::1", 0)
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with closing(take_port(listen)) as taken:
        assert taken.family == socket.AF_INET6


def test_a_server_answers_as_soon_as_it_is_ready_and_does_not_say_what_it_is():
    with server() as (_, address):
        answer = httpx.get(address)
    assert answer.text == "hello"
    assert "server" not in answer.headers


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_when_told(how):
    with server() as (process, address):
        httpx.get(address)
        process.send_signal(how)
        process.communicate(timeout=30)
    assert process.returncode in {0, -how}


def test_a_server_with_a_certificate_speaks_https(tmp_path):
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "hub.pem")
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    with server(str(tmp_path / "hub.pem")) as (_, address):
        assert address.startswith("https://")
        assert httpx.get(address, verify=trusted).text == "hello"


def test_a_server_that_cannot_start_does_not_say_that_it_is_ready():
    with server("", "broken") as (_, address):
        assert address == ""


def test_a_damaged_certificate_is_told(tmp_path, taken):
    (tmp_path / "hub.pem").write_text("no certificate")
    listen = Listen(certificate=str(tmp_path / "hub.pem"), key=str(tmp_path / "hub.pem"))
    with pytest.raises(MachineError):
        serve(None, taken, listen, lambda: None)


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def test_a_server_beside_other_work_answers_until_it_is_stopped():
    listen = Listen(port=0)
    taken = take_port(listen)
    address = address_of(taken, listen)
    serving = Serving(hello, taken, listen)
    serving.start()
    assert httpx.get(address).text == "hello"
    serving.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_a_server_beside_other_work_that_cannot_start_says_so():
    @asynccontextmanager
    async def failing(app):
        raise ValueError("cannot start")
        yield

    listen = Listen(port=0)
    with closing(take_port(listen)) as taken, pytest.raises(MachineError, match="could not start"):
        Serving(Starlette(lifespan=failing), taken, listen).start()


WAITING = """
import asyncio
from oncommons.service.serving import Listen, address_of, serve, take_port

release = asyncio.Event()

async def waits(scope, receive, send):
    assert scope["type"] == "http"
    print("here", flush=True)
    await release.wait()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"let go"})

listen = Listen(port=0)
taken = take_port(listen)
serve(waits, taken, listen, lambda: print(address_of(taken, listen), flush=True), release.set)
"""


def test_whoever_waits_is_let_go_when_the_server_ends():
    command = [sys.executable, "-c", WAITING]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            address, said = process.stdout.readline().strip(), []
            waiting = Thread(target=lambda: said.append(httpx.get(address, timeout=30)))
            waiting.start()
            assert process.stdout.readline() == "here\n"
            process.send_signal(signal.SIGTERM)
            _, aside = process.communicate(timeout=30)
            waiting.join()
        finally:
            process.kill()
    assert (said[0].text, said[0].headers["connection"]) == ("let go", "close")
    assert aside == ""


def test_work_is_repeated_in_the_background_whatever_happens_and_ends_with_the_block(caplog):
    """The first round has a fault of ours, the second another, the third goes well; each is begun after the last."""
    rounds, third = [], Event()

    async def work():
        rounds.append(len(rounds))
        if rounds[-1] == 0:
            raise StorageFailed("The disk is tired.")
        if rounds[-1] == 1:
            raise ValueError("odd")
        third.set()

    async def serve():
        async with repeating(work, 0.0, logging.getLogger("oncommons.test"), "it could not be done"):
            await asyncio.to_thread(third.wait, 20)

    asyncio.run(serve())
    assert len(rounds) >= 3
    assert [one.getMessage().split(" ", 1)[0] for one in caplog.records] == ["E403", "it"]


@pytest.mark.parametrize("at_once", [True, False])
def test_the_first_round_comes_at_once_where_that_is_wanted(at_once):
    rounds = []

    async def work():
        rounds.append(1)

    async def serve():
        async with repeating(work, 60.0, logging.getLogger("oncommons.test"), "it could not be done", at_once=at_once):
            await asyncio.sleep(0.05)

    asyncio.run(serve())
    assert len(rounds) == at_once

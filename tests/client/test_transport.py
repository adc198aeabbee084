"""The one HTTP client: addresses, certificates, proxies, and answers that are not a hub's."""

import json
import os
import ssl
from contextlib import contextmanager

import pytest
import trustme
from tests.client.servers import Recorder, https, proxy, serving
from urllib3.exceptions import NewConnectionError, ProtocolError, ReadTimeoutError

from oncommons.client.transport import File, Reply, Transport, check_address, in_path
from oncommons.schema.errors import HubUnreachable, InsecureAddress, NodeRevoked, OncommonsError, StorageFailed

HERE = "https://hub.test"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@contextmanager
def environment(**values):
    """An environment with these proxies and certificates and no others."""
    before = dict(os.environ)
    for name in (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR"):
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def calling(url, ca=""):
    """A transport that is closed at the end."""
    transport = Transport(url, ca)
    try:
        yield transport
    finally:
        transport.close()


def playing(reply):
    """A transport that gets one reply for ever, or fails with it; and the list of its requests."""
    requests = []

    def send(request):
        requests.append(request)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return requests, Transport(HERE, send=send)


def replied(status, body):
    return Reply(status, json.dumps(body).encode())


@pytest.fixture(scope="module")
def authority():
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def ca_file(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(scope="module")
def server(authority):
    with https(authority, "localhost") as found:
        yield found


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://hub.example.org", "https://hub.example.org"),
        (" https://hub.example.org/ ", "https://hub.example.org"),
        ("HTTPS://hub.example.org", "HTTPS://hub.example.org"),
        ("https://hub.example.org:8443/commons/", "https://hub.example.org:8443/commons"),
        ("http://127.0.0.1:8642", "http://127.0.0.1:8642"),
        ("http://127.8.9.1:8642/", "http://127.8.9.1:8642"),
        ("http://localhost:8642", "http://localhost:8642"),
        ("http://[::1]:8642", "http://[::1]:8642"),
    ],
)
def test_an_address_is_https_or_on_this_machine(given, kept):
    assert check_address(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "hub.example.org",
        "https://",
        "http://",
        "http://hub.example.org",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "http://127.0.0.1@example.org",
        "http://localhost:80@example.org",
        "ftp://localhost",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_any_other_address_is_refused(given):
    with pytest.raises(InsecureAddress):
        check_address(given)


@pytest.mark.parametrize("given", ["http://[::1", "https://[hub]"])
def test_an_address_that_cannot_be_taken_apart_is_refused(given):
    with pytest.raises(InsecureAddress):
        check_address(given)


def test_json_goes_out_and_comes_back():
    requests, transport = playing(replied(200, [1]))
    assert transport.call("POST", "/x", body={"a": None}, headers={"h": "v"}, params={"p": 1}) == [1]
    (request,) = requests
    assert (request.url, request.content, request.headers["h"]) == (f"{HERE}/x?p=1", b'{"a":null}', "v")


def test_without_a_body_nothing_is_sent():
    requests, transport = playing(replied(200, {}))
    transport.call("GET", "/x", timeout=3)
    assert (requests[0].content, requests[0].seconds) == (b"", 3)


def test_a_form_is_sent_as_a_form():
    requests, transport = playing(replied(200, {"access_token": "t"}))
    assert transport.form("/api/token", {"a": "b c"}) == {"access_token": "t"}
    assert requests[0].content == b"a=b+c"


@pytest.mark.parametrize("status", [200, 400, 401, 503])
@pytest.mark.parametrize("content", [b"<html>Sign in</html>", b"", b"\xff\xfe", b"null"])
def test_what_does_not_look_like_a_hub_is_told(status, content):
    _, transport = playing(Reply(status, content))
    with pytest.raises(HubUnreachable, match=f"answered {status}, but not as a hub does"):
        transport.call("GET", "/x")


def test_a_redirect_is_not_followed():
    requests, transport = playing(Reply(302, b""))
    with pytest.raises(HubUnreachable, match="302"):
        transport.call("GET", "/x")
    assert len(requests) == 1


def test_an_error_of_the_hub_is_raised_as_what_it_is():
    _, transport = playing(replied(401, NodeRevoked("revoked", at="key").to_json()))
    for call in (lambda: transport.call("GET", "/x"), lambda: transport.form("/x", {})):
        with pytest.raises(NodeRevoked, match="revoked") as caught:
            call()
        assert caught.value.at == "key"


def test_an_error_of_a_newer_hub_is_raised_as_the_root_of_all_errors():
    _, transport = playing(replied(400, {"error": {"code": "E999", "message": "new"}}))
    with pytest.raises(OncommonsError, match="new") as caught:
        transport.call("GET", "/x")
    assert type(caught.value) is OncommonsError


@pytest.mark.parametrize(
    "fault",
    [NewConnectionError(None, "no"), ReadTimeoutError(None, None, "slow"), ProtocolError("?"), OSError("x")],
)
def test_a_connection_that_fails_is_told_with_its_reason_kept_private(fault):
    _, transport = playing(fault)
    for call in (lambda: transport.call("GET", "/x"), lambda: transport.form("/x", {})):
        with pytest.raises(HubUnreachable) as caught:
            call()
        assert (caught.value.message, caught.value.detail) == (f"The hub at {HERE} cannot be reached.", repr(fault))


def test_a_port_that_is_none_is_told():
    with environment(), calling("https://hub.test:99999") as transport, pytest.raises(HubUnreachable):
        transport.call("GET", "/x")


def test_a_certificate_of_a_corporate_authority_is_trusted_when_named(server, ca_file):
    with environment(), calling(f"https://localhost:{server.server_port}", ca_file) as transport:
        assert transport.call("GET", "/x") == {"ok": True}


def test_an_authority_may_be_named_in_the_environment(server, ca_file):
    with environment(SSL_CERT_FILE=ca_file), calling(f"https://localhost:{server.server_port}") as transport:
        assert transport.call("GET", "/x") == {"ok": True}


def test_a_certificate_that_is_not_trusted_is_told_with_what_to_do(server):
    before = len(server.asked)
    untrusted = pytest.raises(HubUnreachable, match="--ca FILE")
    with environment(), calling(f"https://localhost:{server.server_port}") as transport, untrusted as caught:
        transport.call("GET", "/x")
    assert caught.value.code == "E206"
    assert len(server.asked) == before


def test_a_certificate_for_another_name_is_not_trusted(server, ca_file):
    untrusted = pytest.raises(HubUnreachable, match="--ca FILE")
    with environment(), calling(f"https://127.0.0.1:{server.server_port}", ca_file) as transport, untrusted:
        transport.call("GET", "/x")


@pytest.mark.parametrize("content", [None, "", "not a certificate"])
def test_certificates_that_cannot_be_read_are_told(tmp_path, content):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(StorageFailed, match=r"ca\.pem cannot be read") as caught:
        Transport("https://hub.test", str(path))
    assert caught.value.code == "E403"


def test_a_proxy_is_used_where_the_environment_names_one(authority, ca_file):
    with https(authority, "hub.test") as hub, proxy(hub.server_address) as between:
        named = {"HTTPS_PROXY": f"http://127.0.0.1:{between.server_port}"}
        with environment(**named), calling("https://hub.test:4443", ca_file) as transport:
            assert transport.call("GET", "/x") == {"ok": True}
        assert between.asked == [("CONNECT", "hub.test:4443")]
        assert hub.asked == [("GET", "/x")]


def test_a_hub_in_no_proxy_is_called_directly(server, ca_file):
    with proxy(None) as between:
        named = {"HTTPS_PROXY": f"http://127.0.0.1:{between.server_port}", "NO_PROXY": "localhost"}
        with environment(**named), calling(f"https://localhost:{server.server_port}", ca_file) as transport:
            assert transport.call("GET", "/x") == {"ok": True}
        assert between.asked == []


def test_a_proxy_that_refuses_is_told():
    with proxy(None) as between:
        named = {"HTTPS_PROXY": f"http://127.0.0.1:{between.server_port}"}
        refused = pytest.raises(HubUnreachable, match="proxy in HTTPS_PROXY refused")
        with environment(**named), calling("https://hub.test") as transport, refused:
            transport.call("GET", "/x")


def test_this_machine_is_never_called_through_a_proxy():
    with serving(Recorder()) as hub, serving(Recorder(b"<html>proxy</html>", 502)) as between:
        named = {"HTTP_PROXY": f"http://127.0.0.1:{between.server_port}"}
        with environment(**named), calling(f"http://127.0.0.1:{hub.server_port}") as transport:
            assert transport.call("GET", "/x") == {"ok": True}
        assert between.asked == []


@pytest.mark.parametrize("named", [{"ALL_PROXY": "socks5://127.0.0.1:9"}, {"SSL_CERT_FILE": "none.pem"}])
def test_an_environment_that_cannot_be_used_is_told(named):
    with environment(**named), pytest.raises(OncommonsError):
        Transport("https://hub.test")


def test_no_certificates_are_read_for_a_hub_of_this_machine():
    named = environment(SSL_CERT_FILE="none.pem")
    with serving(Recorder()) as hub, named, calling(f"http://127.0.0.1:{hub.server_port}") as transport:
        assert transport.call("GET", "/x") == {"ok": True}


def test_certificates_of_the_system_are_trusted():
    with environment(), calling("https://hub.test") as transport:
        found = transport._pool.connection_pool_kw["ssl_context"].get_ca_certs()
        assert {c["serialNumber"] for c in found} == {
            c["serialNumber"] for c in ssl.create_default_context().get_ca_certs()
        }


def test_a_name_and_password_in_the_address_of_a_proxy_are_told_to_it(authority, ca_file):
    with https(authority, "hub.test") as hub, proxy(hub.server_address) as between:
        named = {"HTTPS_PROXY": f"us%65r:p%40ss@127.0.0.1:{between.server_port}"}
        with environment(**named), calling("https://hub.test:4443", ca_file) as transport:
            assert transport.call("GET", "/x") == {"ok": True}
        assert between.named == ["Basic dXNlcjpwQHNz"]


@pytest.mark.parametrize(
    ("part", "there"),
    [("a1", "a1"), ("a/b", "a%2Fb"), ("?", "%3F"), ("", "-"), (".", "-"), ("..", "-"), ("a..", "a..")],
)
def test_a_part_of_a_path_stays_in_its_place(part, there):
    assert in_path(part) == there


PDF, NAMED = "application/pdf", 'attachment; filename="a.pdf"'


@pytest.mark.parametrize(
    ("headers", "kind", "disposition"),
    [
        ({"content-type": PDF, "content-disposition": NAMED}, PDF, NAMED),
        ({"content-type": "text/html", "content-disposition": "inline"}, "text/html", "attachment"),
        ({}, "application/octet-stream", "attachment"),
    ],
)
def test_a_document_comes_with_its_kind_and_is_never_to_be_shown(headers, kind, disposition):
    transport = Transport("http://localhost", send=lambda _: Reply(200, b"x", headers))
    assert transport.fetch("/d") == File(b"x", kind, disposition)

"""HTTPS through a proxy, as hospitals have it: the node opens no port and can reach the hub in no other way."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import trustme
from tests.client.servers import proxy
from tests.stories.federation import Federation, command, until

NAME = "https://hub.test"
"""A name that nobody here can look up: whoever calls it does so through the proxy."""
NOWHERE = ("HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
LISTENS = "0A"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def ca(authority, tmp_path):
    """The file of an organisation's certificates."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


@pytest.fixture
def secure(authority, tmp_path):
    """A federation without nodes whose hub speaks HTTPS itself."""
    issued = authority.issue_cert("hub.test", "localhost", "127.0.0.1")
    certificate, key = tmp_path / "hub.pem", tmp_path / "hub-key.pem"
    certificate.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(key)
    made = Federation(tmp_path, ("--certificate", str(certificate), "--key", str(key)), "https")
    made.hub.start()
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def proxied(federation):
    """The proxy to the hub, and the environment of a node that stands behind it."""
    with proxy(("127.0.0.1", federation.port)) as through:
        address = f"http://127.0.0.1:{through.server_port}"
        nothing = {n: "" for name in NOWHERE for n in (name, name.lower())}
        yield through, nothing | {"HTTPS_PROXY": address, "https_proxy": address}


def invited(federation, folder):
    """A new node's directory and its code."""
    command("node", "init", str(folder), "--policy", "open")
    return command("hub", "invite", "athens", "--dir", federation.hub_folder)["code"]


def joining(*words, env=None):
    """Exit status and error of joining."""
    line = [sys.executable, "-m", "oncommons", "node", "join", *words, "--json"]
    done = subprocess.run(line, stdout=subprocess.PIPE, env={**os.environ, **(env or {})}, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout)["error"]


def await_online(federation, ca):
    with federation.connect(ca) as hub:
        until(lambda: [n.name for n in hub.nodes() if n.presence == "online" and n.datasets], "the node")


def inodes_of_listening_sockets():
    """Sockets that accept connections, on this machine, by their inode (proc(5))."""
    tables = [Path("/proc/net", name) for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[3] == LISTENS}


def sockets_of(pid):
    """Inodes of the sockets that a process has open."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            found.add(str(entry.readlink()))
    return {link[8:-1] for link in found if link.startswith("socket:[")}


def test_a_node_behind_a_proxy_answers_and_listens_nowhere(secure, ca):
    with proxied(secure) as (through, env):
        secure.url, direct = NAME, secure.url
        node = secure.add("athens", "--ca", ca, env=env)
        node.start()
        secure.url = direct
        await_online(secure, ca)
        answer = secure.ask(ca=ca)
        assert [(n.node, n.certain.at_least) for n in answer.included] == [("athens", 60)]
        assert set(through.asked) == {("CONNECT", "hub.test:443")}
        assert sockets_of(node.running.pid)
        assert not sockets_of(node.running.pid) & inodes_of_listening_sockets()
        assert sockets_of(secure.hub.running.pid) & inodes_of_listening_sockets()
        node.stop()


def test_a_proxy_that_refuses_is_named(secure, ca, tmp_path):
    code = invited(secure, tmp_path / "athens")
    with proxied(secure) as (through, env):
        through.target = None
        status, fault = joining(NAME, code, "--ca", ca, "--dir", str(tmp_path / "athens"), env=env)
    assert (status, fault["code"], "HTTPS_PROXY" in fault["message"]) == (20, "E206", True)


def test_a_certificate_that_is_not_trusted_is_told_with_the_option_that_helps(secure, ca, tmp_path):
    folder = str(tmp_path / "athens")
    code = invited(secure, folder)
    status, fault = joining(secure.url, code, "--dir", folder)
    assert (status, fault["code"], "--ca FILE" in fault["message"]) == (20, "E206", True)
    assert command("node", "join", secure.url, code, "--ca", ca, "--dir", folder)["name"] == "athens"


@pytest.mark.parametrize("url", ["http://hub.test", "http://10.0.0.1:8642", "hub.test", "ftp://localhost"])
def test_an_address_that_is_not_secure_is_refused_before_anything_is_sent(tmp_path, url):
    folder = str(tmp_path / "athens")
    command("node", "init", folder, "--policy", "open")
    status, fault = joining(url, f"{'0' * 32}.{'0' * 16}", "--dir", folder)
    assert (status, fault["code"]) == (20, "E208")

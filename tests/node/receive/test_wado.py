"""An archive behind a web server: Orthanc, and servers that answer what they should not."""

import base64
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.node.images import ROOT, dicom

from oncommons.node.receive.pulling import Series
from oncommons.node.receive.studies import WebAddress
from oncommons.node.receive.wado import Login, WebArchive
from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.schema.errors_of_protocols import PacsRefused, PacsUnreachable


@dataclass
class Taken:
    outcome: str = "kept"
    code: str = ""
    sop: str = ""


class Memory:
    """Takes what comes, and remembers what it was told."""

    def __init__(self, fault=None):
        self.came, self.heard, self.fault = [], [], fault

    def take(self, raw, dataset, name):
        if self.fault:
            raise self.fault
        self.came.append((raw, dataset, name))
        return Taken()


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def web(memory):
    """Opens an archive; all of them are closed in the end."""
    opened = []

    def open_archive(url, **login):
        opened.append(WebArchive(WebAddress(url), Login(**login), "lung", memory.take, memory.heard.append))
        return opened[-1]

    yield open_archive
    for archive in opened:
        archive.close()


def test_orthanc_tells_what_it_has(archive, web):
    archive.fill(dicom(1, study=71), dicom(2, study=71), dicom(1, 2, study=71))
    found = web(archive.web).series(f"{ROOT}.71")
    assert sorted(found, key=lambda series: series.uid) == [
        Series(f"{ROOT}.71.1", frozenset({f"{ROOT}.71.1.1", f"{ROOT}.71.1.2"}), 2),
        Series(f"{ROOT}.71.2", frozenset({f"{ROOT}.71.2.1"}), 1),
    ]


def test_orthanc_sends_a_study_and_a_series(archive, web, memory):
    archive.fill(dicom(1, study=72), dicom(2, study=72), dicom(1, 2, study=72))
    there = web(archive.web)
    there.fetch(f"{ROOT}.72", f"{ROOT}.72.2")
    assert [heard.sop for heard in memory.heard] == [f"{ROOT}.72.2.1"]
    there.fetch(f"{ROOT}.72")
    assert {heard.sop for heard in memory.heard[1:]} == {f"{ROOT}.72.1.1", f"{ROOT}.72.1.2", f"{ROOT}.72.2.1"}
    assert {(raw[128:132], dataset) for raw, dataset, _ in memory.came} == {(b"DICM", "lung")}


def test_orthanc_sends_single_objects(archive, web, memory):
    archive.fill(*(dicom(n, study=73) for n in range(1, 5)))
    wanted = [f"{ROOT}.73.1.{n}" for n in (2, 4)]
    web(archive.web).fetch(f"{ROOT}.73", f"{ROOT}.73.1", wanted)
    assert [heard.sop for heard in memory.heard] == wanted


def test_a_name_that_an_archive_makes_up_leads_nowhere_else(serve, web):
    server = serve(answers(404))
    with pytest.raises(PacsRefused):
        web(server.url).fetch("1.2", "1.2.3", ["../../../secret?x#y"])
    assert [path for path, _ in server.asked] == ["/studies/1.2/series/1.2.3/instances/..%2F..%2F..%2Fsecret%3Fx%23y"]


def test_orthanc_does_not_know_every_study(archive, web):
    assert web(archive.web).series("1.2.3") == []
    with pytest.raises(PacsRefused, match="404"):
        web(archive.web).fetch("1.2.3")


class Answering(BaseHTTPRequestHandler):
    """Answers as the server's table says: path to status, content type and body."""

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        answer = self.server.table(self.path.partition("?")[0], self.path)
        if answer is None:  # the connection ends while it is asked
            return
        status, kind, body = answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) + self.server.short))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    """Starts a server that answers with a function of the path without and with its query."""
    running = []

    def start(table, short=0):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        server.daemon_threads = True
        server.table, server.asked, server.short = table, [], short
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def listed(*sops):
    return 200, "application/dicom+json", json.dumps([{"00080018": {"vr": "UI", "Value": [s]}} for s in sops]).encode()


def answers(status=200, kind="application/dicom+json", body=b""):
    return lambda *_: (status, kind, body)


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_a_list_that_comes_in_pages_is_read_to_its_end(serve, web, page):
    sops = [f"1.2.{n}" for n in range(5)]

    def table(path, whole):
        if path.endswith("/series"):
            body = json.dumps([{"0020000E": {"Value": ["1.9"]}, "00201209": {"Value": [5]}}] * ("offset=0" in whole))
            return 200, "application/dicom+json", body.encode()
        offset = int(whole.partition("offset=")[2])
        return listed(*sops[offset : offset + page])

    assert web(serve(table).url).series("1.1") == [Series("1.9", frozenset(sops), 5)]


def test_a_server_that_ignores_pages_is_asked_no_more_than_twice(serve, web):
    series = json.dumps([{"0020000E": {"Value": ["1.9"]}}]).encode()
    server = serve(lambda path, _: (200, "x", series) if path.endswith("/series") else listed("1.2", "1.3"))
    assert web(server.url).series("1.1") == [Series("1.9", frozenset({"1.2", "1.3"}))]
    assert len(server.asked) == 4


@pytest.mark.parametrize("status", [204, 404])
def test_nothing_found_is_nothing(serve, web, status):
    assert web(serve(answers(status)).url).series("1.1") == []


def test_a_connection_that_ends_while_it_is_asked_is_asked_once_more(serve, web):
    ended = iter([True, False])
    server = serve(lambda *_: None if next(ended, False) else (200, "x", b"[]"))
    assert web(server.url).series("1.1") == []
    assert len(server.asked) == 2


def test_connections_that_always_end_are_an_archive_out_of_reach(serve, web):
    server = serve(lambda *_: None)
    with pytest.raises(PacsUnreachable):
        web(server.url).series("1.1")
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (answers(401), "let this node in"),
        (answers(403), "let this node in"),
        (answers(500, body=b"Quokka"), "status 500"),
        (answers(302), "status 302"),
        (answers(body=b"<html>"), "not JSON"),
        (answers(body=b'[{"0020000E": {"Value": ["../etc"]}}]'), "without a UID"),
        (answers(body=b'[{"0020000E": 7}]'), "without a UID"),
    ],
)
def test_what_is_no_list_is_refused(serve, web, answer, words):
    with pytest.raises(PacsRefused, match=words):
        web(serve(answer).url).series("1.1")


@pytest.mark.parametrize("body", [b"{}", b"null", b"[1, 2]", b"[]"])
def test_json_of_another_shape_lists_nothing(serve, web, body):
    assert web(serve(answers(body=body)).url).series("1.1") == []


def test_a_page_of_hypertext_is_no_study(serve, web):
    with pytest.raises(PacsRefused, match="text/html"):
        web(serve(answers(kind="text/html", body=b"<html>")).url).fetch("1.1")


def part(body):
    return b"\r\n--B\r\nContent-Type: application/dicom\r\n\r\n" + body


RELATED = 'multipart/related; type="application/dicom"; boundary=B'


def test_what_came_before_the_connection_broke_is_taken(serve, web, memory):
    server = serve(answers(kind=RELATED, body=part(dicom(1)) + part(dicom(2)) + part(dicom(3))[:900]), short=5000)
    with pytest.raises(PacsUnreachable):
        web(server.url).fetch("1.1")
    assert [heard.sop for heard in memory.heard] == [f"{ROOT}.1.1.1", f"{ROOT}.1.1.2"]


def test_parts_that_are_not_dicom_go_to_the_intake_too(serve, web, memory):
    parts = [b"", b"hello", dicom(1)[:140], b"\0" * 128 + b"DICM"]
    web(serve(answers(kind=RELATED, body=b"".join(map(part, parts)) + b"\r\n--B--")).url).fetch("1.1")
    assert [raw for raw, _, _ in memory.came] == parts
    assert [heard.sop for heard in memory.heard] == [""] * 4


def test_an_object_that_is_too_large_is_told_and_the_next_comes(serve, web, memory, monkeypatch):
    monkeypatch.setattr("oncommons.node.receive.wado.LARGEST_FILE", 5000)
    parts = [bytes(5001), dicom(1)]
    assert len(dicom(1)) < 5000
    web(serve(answers(kind=RELATED, body=b"".join(map(part, parts)) + b"\r\n--B--")).url).fetch("1.1")
    assert [(heard.outcome, heard.code) for heard in memory.heard] == [("failed", "E603"), ("kept", "")]


@pytest.mark.parametrize("end", [0, 3, 5, 40, 100])
def test_an_answer_that_ends_in_the_middle_is_told(serve, web, end):
    body = part(b"x" * 70)[:end]
    with pytest.raises(PacsUnreachable, match="middle"):
        web(serve(answers(kind=RELATED, body=body)).url).fetch("1.1")


@pytest.mark.parametrize("kind", ["", "application/dicom; boundary=B", "multipart/related", "text/html; boundary=B"])
def test_an_answer_without_parts_is_refused(serve, web, kind):
    with pytest.raises(PacsRefused):
        web(serve(answers(kind=kind, body=part(b"x") + b"\r\n--B--")).url).fetch("1.1")


def test_an_answer_of_another_form_is_refused(serve, web):
    with pytest.raises(PacsRefused, match="taken apart"):
        web(serve(answers(kind=RELATED, body=b"--B\r\n" + b"x" * 100_000)).url).fetch("1.1")


def test_a_full_disk_ends_the_pull(serve, web, memory):
    memory.fault = StorageFull("")
    with pytest.raises(StorageFull):
        web(serve(answers(kind=RELATED, body=part(dicom(1)) + b"\r\n--B--")).url).fetch("1.1")


def test_nobody_there_is_told(web):
    with pytest.raises(PacsUnreachable):
        web("http://127.0.0.1:9").series("1.1")


@pytest.mark.parametrize(
    ("login", "header"),
    [
        ({}, None),
        ({"user": "ada", "password": "päss"}, "Basic " + base64.b64encode("ada:päss".encode("latin-1")).decode()),
        ({"token": "secret"}, "Bearer secret"),
    ],
)
def test_the_node_shows_who_it_is(serve, web, login, header):
    server = serve(answers(204))
    web(server.url, **login).series("1.1")
    assert server.asked[0][1].get("authorization") == header


def test_certificates_that_cannot_be_read_are_told(memory, tmp_path):
    with pytest.raises(StorageFailed):
        WebArchive(WebAddress("https://x"), Login(ca=str(tmp_path / "none")), "lung", memory.take, memory.heard.append)

"""Receiving and pulling as the data manager runs them."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from tests.node.images import ROOT, dicom, fill
from tests.peers import free_port, run_dcmtk


class Running:
    """A receiver in a process of its own."""

    def __init__(self, process):
        self.process = process
        self.told = json.loads(process.stdout.readline())

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@contextmanager
def receiving(home, *words):
    command = [
        sys.executable,
        "-m",
        "oncommons",
        "node",
        "receive",
        "--dataset",
        "lung",
        "--dir",
        home.folder,
        "--json",
    ]
    fixed = ["--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(
        [*command, *fixed, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


def send(running, place, check=True):
    words = ("-v", "-aet", "PACS", "+sd", "127.0.0.1", running.told["port"], place)
    return run_dcmtk("storescu", *words, check=check)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_what_is_sent_is_there_when_the_receiver_is_stopped(home, oncommons, tmp_path, how):
    with receiving(home, "--aet", "ATHENS") as running:
        assert running.told["receiving"] == "ATHENS"
        assert send(running, fill(tmp_path / "out", {f"{n}.dcm": dicom(n) for n in (1, 2)})).count("(Success)") == 2
        status, said = running.end(how)
    assert status == 0
    assert "2 kept, de-identified" in said
    assert json.loads(oncommons("node", "status", "--dir", home.folder, "--json")[1])["series"] == 1


def test_only_titles_on_the_list_may_send(home, tmp_path):
    with receiving(home, "--calling", "CT1", "--calling", "CT2") as running:
        assert "Rejected" in send(running, fill(tmp_path / "out", {"1.dcm": dicom(1)}), check=False)


def test_the_log_tells_no_identifier(home, tmp_path):
    with receiving(home, "--verbose") as running:
        send(running, fill(tmp_path / "out", {"1.dcm": dicom(1), "2.dcm": dicom(2, Modality="XC")}))
        _, said = running.end()
    assert not [word for word in ("Quokka", "ZQX", ROOT) if word in said]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--dataset", " "), "E304"),
        (("--dataset", "lung", "--aet", "A\\B"), "E613"),
        (("--dataset", "lung", "--certificate", "none.pem"), "E403"),
        (("--dataset", "lung", "--host", "192.0.2.1"), "E400"),
    ],
)
def test_a_receiver_that_cannot_listen_says_why(home, oncommons, words, code):
    status, out, _ = oncommons("node", "receive", *words, "--port", "0", "--dir", home.folder, "--json")
    assert (status, json.loads(out)["error"]["code"]) == ({"E4": 40}.get(code[:2], 30), code)


def pull(oncommons, home, archive, *words):
    fixed = ("--dataset", "lung", "--dir", home.folder, "--json", "--host", "127.0.0.1")
    status, out, said = oncommons("node", "pull", archive, *words, *fixed)
    return status, json.loads(out), said


def test_studies_of_a_list_are_pulled_from_a_web_server(home, oncommons, archive, tmp_path):
    archive.fill(dicom(1, study=91), dicom(2, study=91), dicom(1, study=92))
    place = fill(tmp_path, {"list.csv": f"Study Instance UID\n{ROOT}.91\n{ROOT}.92\n".encode()})
    status, told, said = pull(oncommons, home, archive.web, "--studies", place / "list.csv")
    assert (status, told["complete"], told["kept"]) == (0, True, 3)
    assert f"{ROOT}.91  2 of 2 are here" in said


def test_a_study_is_pulled_by_move(home, oncommons, archive):
    archive.fill(dicom(1, study=93), dicom(2, study=93))
    port = free_port()
    archive.know("ONCOMMONS", port)
    status, told, _ = pull(oncommons, home, archive.address, "--study", f"{ROOT}.93", "--port", port)
    assert (status, told["complete"], told["kept"]) == (0, True, 2)


def test_a_pull_that_lacks_something_ends_with_thirty(home, oncommons, archive):
    status, told, said = pull(oncommons, home, archive.web, "--study", "1.2.3")
    assert (status, told["complete"]) == (30, False)
    assert "the archive does not know it" in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("dicom:ARCHIVE", "--study", "1.2.3"), "E613"),
        (("https://pacs/x",), "E304"),
        (("https://pacs/x", "--study", "John Doe"), "E304"),
    ],
)
def test_a_pull_that_cannot_begin_says_why(home, oncommons, words, code):
    status, told, _ = pull(oncommons, home, *words)
    assert (status, told["error"]["code"]) == (30, code)

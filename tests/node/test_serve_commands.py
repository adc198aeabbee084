"""One process for all that a node does; a signal ends it cleanly."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests
from tests.node.images import dicom, fill
from tests.peers import run_dcmtk

from oncommons.cli import main
from oncommons.node.desk import Desk
from oncommons.node.membership import join_hub

STOPPED = "Stopped. The node answers no more; what has come in is kept. Start it again with the same command."


@contextmanager
def serving(home, *words):
    line = [sys.executable, "-m", "oncommons", "node", "serve", "--dir", home.folder, "--json", *words]
    with subprocess.Popen(list(map(str, line)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_one_process_receives_watches_serves_its_console_and_answers(home, running_hub, tmp_path, how):
    join_hub(home, running_hub.url, str(running_hub.invite(f"all-{how.name.lower()}")), "", "1.0")
    watched = fill(tmp_path / "in", {"1": dicom(1, series=1)})
    sent = fill(tmp_path / "out", {"2.dcm": dicom(2, series=2)})
    words = (
        "--receive",
        0,
        "--console",
        0,
        "--watch",
        watched,
        "--quiet",
        0,
        "--dataset",
        "lung",
        "--host",
        "127.0.0.1",
    )
    with serving(home, *words) as (process, told), requests.Session() as browser:
        assert told["url"] == running_hub.url
        assert json.loads(process.stdout.readline())["kept"] == 1
        assert "(Success)" in run_dcmtk("storescu", "-v", "+sd", "127.0.0.1", told["port"], sent)
        browser.get(told["console"]["link"], timeout=30)
        assert browser.get(told["console"]["url"] + "/api/node", timeout=30).json()["datasets"][0]["dataset"] == "lung"
        process.send_signal(how)
        _, complaints = process.communicate(timeout=60)
    assert process.returncode == (0 if how == signal.SIGTERM else 130)
    assert complaints.strip().splitlines()[-1] == STOPPED
    assert "nanobind" not in complaints
    assert "1 kept, de-identified" in complaints
    assert "Traceback" not in complaints
    assert Desk(home).answer({"count": "series"}).certain.at_least == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--receive", "0"), "E304"),
        (("--watch", "none", "--dataset", "lung"), "E304"),
        (("--receive", "0", "--dataset", "lung", "--aet", "A\\B"), "E613"),
        (("--console", "0", "--certificate", "none.pem"), "E403"),
    ],
)
def test_what_cannot_be_done_is_told(home, running_hub, capsys, words, code):
    join_hub(home, running_hub.url, str(running_hub.invite(f"cannot-{code.lower()}-{len(words)}")), "", "1.0")
    with pytest.raises(SystemExit):
        main(["node", "serve", *words, "--dir", str(home.folder), "--json"])
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code

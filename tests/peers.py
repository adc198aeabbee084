"""Programs of others that tests speak with: dcmtk and Orthanc, as Debian packs them."""

import json
import os
import socket
import subprocess
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
import urllib3


@cache
def _found(name, mark):
    """A program whose ``--version`` holds a mark; pynetdicom installs others under the same names as dcmtk."""
    for folder in [*os.get_exec_path(), "/usr/bin", "/usr/sbin"]:
        path = Path(folder, name)
        if os.access(path, os.X_OK):
            told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
            if mark in told.stdout:
                return path
    return None


def dcmtk(name):
    """Path of a program of dcmtk; the test is skipped where it is missing."""
    path = _found(name, "$dcmtk")
    if path is None:
        pytest.skip(f"{name} of dcmtk is not here: apt-get install dcmtk")
    return path


def run_dcmtk(name, *words, check=True):
    """What a program of dcmtk says, both channels in one."""
    done = subprocess.run(
        [dcmtk(name), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False
    )
    said = done.stdout.decode(errors="replace")
    assert not check or done.returncode == 0, said
    return said


def free_port():
    """A port that nobody listened at a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


_PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


class Orthanc:
    """A running Orthanc with its DICOMweb plugin, and ways to fill and configure it."""

    def __init__(self, folder, **more):
        name = uuid4().hex
        self._pool = urllib3.PoolManager(
            retries=urllib3.Retry(total=None, connect=200, backoff_factor=0.1, backoff_max=0.2)
        )
        for _ in range(5):  # another program may take a port in between
            self._start(folder, {"Name": name, **more})
            if self.call("GET", "/system")["Name"] == name:
                return
            self.end()
        pytest.fail("Orthanc found no port of its own in five tries.")

    def _start(self, folder, more):
        self.dicom, self.http = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.http}"
        self.web = f"{self.url}/dicom-web"
        self.address = f"dicom:ORTHANC@127.0.0.1:{self.dicom}"
        settings = {
            "DicomPort": self.dicom,
            "HttpPort": self.http,
            "StorageDirectory": str(folder / "db"),
            "IndexDirectory": str(folder / "db"),
            "Plugins": [str(_PLUGIN)],
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomCheckCalledAet": False,
            "DicomModalitiesInDatabase": True,
            "ConcurrentJobs": 1,
            "HttpThreadsCount": 4,
            "KeepAlive": False,  # a kept connection that ends while it is asked fails a POST
        }
        (folder / "orthanc.json").write_text(json.dumps(settings | more))
        self._process = subprocess.Popen(
            [orthanc(), folder / "orthanc.json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def call(self, method, path, body=None):
        answer = self._pool.request(method, self.url + path, body=body)
        assert answer.status == 200, answer.data
        return answer.json() if answer.data else None

    def fill(self, *files):
        for raw in files:
            self.call("POST", "/instances", raw)

    def know(self, title, port):
        """Enter a title that images may be sent to."""
        self.call("PUT", f"/modalities/{title}", json.dumps({"AET": title, "Host": "127.0.0.1", "Port": port}))

    def end(self):
        self._process.terminate()
        self._process.wait(30)
        self._pool.clear()


def orthanc():
    """Path of Orthanc; the test is skipped where it or its plugin is missing."""
    path = _found("Orthanc", "Orthanc")
    if path is None or not _PLUGIN.exists():
        pytest.skip("Orthanc is not here: apt-get install orthanc orthanc-dicomweb")
    return path

"""DICOMweb of a node beside that of Orthanc: the same requests by the same client in the same run.

    python benchmarks/dicomweb.py [FOLDER]

FOLDER holds DICOM files, the sarcoma series by default (ONCOMMONS_DATA).  They are sent by STOW-RS, 40 to a message;
then searched for, and retrieved study by study.  Then 10,000 small objects in 200 series are sent, and it is searched
again.  Told are seconds of the clock, best of several, and processor seconds of the server, in which the client has
no part.  Both servers have their defaults; Orthanc needs the Debian packages orthanc and orthanc-dicomweb.

A node de-identifies and checks what it is sent; Orthanc stores it as it came.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pydicom
import urllib3
from pydicom.data import get_testdata_file

DATA = Path(os.environ.get("ONCOMMONS_DATA", Path(__file__).parents[2] / "shared" / "data")) / "sts"
MANY, SERIES_OF_MANY = 10_000, 200
MESSAGE = 40
ALL = 'multipart/related; type="application/dicom"; transfer-syntax=*'
EXPLICIT = 'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.1'
SEARCHES = {
    "studies": "/studies",
    "studies with CT": "/studies?ModalitiesInStudy=CT",
    "series": "/series?limit=1000",
    "CT series": "/series?Modality=CT&limit=1000",
    "100 instances": "/instances?limit=100",
}
PLUGINS = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A server that is being measured."""

    url: str
    process: subprocess.Popen
    headers: dict[str, str]
    pool: urllib3.PoolManager

    def cpu(self) -> float:
        """Processor seconds so far, of all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def get(self, path: str, accept: str = "application/dicom+json") -> bytes:
        """The content that it gives."""
        answer = self.pool.request("GET", self.url + path, headers=self.headers | {"Accept": accept})
        assert answer.status in {200, 204}, (path, answer.status, answer.data[:300])
        return answer.data

    def store(self, contents: list[bytes]) -> None:
        """Send objects in one message."""
        body = b"".join(b"--b\r\nContent-Type: application/dicom\r\n\r\n" + content + b"\r\n" for content in contents)
        kind = {
            "Content-Type": 'multipart/related; type="application/dicom"; boundary=b',
            "Accept": "application/dicom+json",
        }
        answer = self.pool.request("POST", f"{self.url}/studies", body=body + b"--b--", headers=self.headers | kind)
        assert answer.status in {200, 202}, (answer.status, answer.data[:300])


@contextmanager
def node(folder: Path) -> Iterator[Server]:
    """A node's console."""
    ours = [sys.executable, "-m", "oncommons", "node"]
    subprocess.run([*ours, "init", str(folder)], check=True, stdout=subprocess.DEVNULL)
    line = [*ours, "console", "--dicomweb", "--port", "0", "--dir", str(folder), "--json"]
    with running(line, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        token = told["link"].partition("=")[2]
        yield Server(told["dicomweb"], process, {"Authorization": f"Bearer {token}"}, urllib3.PoolManager())


@contextmanager
def orthanc(folder: Path) -> Iterator[Server]:
    """Orthanc with its DICOMweb plugin, its settings as they are but for places, ports and names."""
    folder.mkdir()
    settings = {
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "index"),
        "Plugins": [PLUGINS],
        "HttpPort": 18042,
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with running(
        ["Orthanc", str(folder / "orthanc.json")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        server = Server("http://127.0.0.1:18042/dicom-web", process, {}, urllib3.PoolManager())
        while True:
            try:
                server.pool.request("GET", "http://127.0.0.1:18042/system", retries=False)
            except urllib3.exceptions.HTTPError:
                time.sleep(0.1)
            else:
                break
        yield server


@contextmanager
def running(line: list[str], **streams: int) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(line, text=True, **streams)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def small_objects() -> Iterator[bytes]:
    """Ten thousand small CT objects in two hundred series of a hundred studies."""
    one = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    del one[0xFFFCFFFC]
    one.Rows = one.Columns = 16
    one.PixelData = bytes(512)
    for n in range(MANY):
        series = n % SERIES_OF_MANY
        study = series // 2
        one.PatientID = f"P{study}"
        one.StudyInstanceUID, one.SeriesInstanceUID = f"1.2.999.{study}", f"1.2.999.{study}.{series}"
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = f"1.2.999.{study}.{series}.{n}"
        one.InstanceNumber = n // SERIES_OF_MANY + 1
        file = io.BytesIO()
        one.save_as(file)
        yield file.getvalue()


def measured(server: Server, work: Callable[[], object], times: int = 1) -> tuple[float, float]:
    """Seconds of the clock and processor seconds of the server, for once; the least of several."""
    clock, cpu = [], server.cpu()
    for _ in range(times):
        began = time.perf_counter()
        work()
        clock.append(time.perf_counter() - began)
    return min(clock), (server.cpu() - cpu) / times


def sent(server: Server, contents: list[bytes]) -> dict[str, float]:
    def work() -> None:
        for at in range(0, len(contents), MESSAGE):
            server.store(contents[at : at + MESSAGE])

    clock, cpu = measured(server, work)
    return {"files_per_s": round(len(contents) / clock), "files_per_cpu_s": round(len(contents) / max(cpu, 0.01))}


def searched(server: Server) -> dict[str, dict[str, float]]:
    found = {}
    for name, path in SEARCHES.items():
        server.get(path)
        clock, cpu = measured(server, lambda path=path: server.get(path), 10)
        found[name] = {"ms": round(clock * 1e3, 1), "cpu_ms": round(cpu * 1e3, 1)}
    return found


def retrieved(server: Server, files: int) -> dict[str, dict[str, float]]:
    studies = [one["0020000D"]["Value"][0] for one in json.loads(server.get("/studies"))]
    found = {}
    for name, more, accept in (
        ("as kept", "", ALL),
        ("explicit", "", EXPLICIT),
        ("metadata", "/metadata", "application/dicom+json"),
    ):
        clock, cpu = measured(server, lambda: [server.get(f"/studies/{s}{more}", accept) for s in studies], 3)  # noqa: B023
        found[name] = {"files_per_s": round(files / clock), "files_per_cpu_s": round(files / max(cpu, 0.01))}
    return found


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    files = [path.read_bytes() for path in sorted(folder.rglob("*.dcm"))]
    many = list(small_objects())
    results: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory(prefix="oncommons-dicomweb-") as place, ExitStack() as both:
        ours = both.enter_context(node(Path(place, "node")))
        theirs = both.enter_context(orthanc(Path(place, "orthanc")))
        for name, server in (("orthanc", theirs), ("oncommons", ours)):
            results[name] = {}
            for part, work in (
                ("stow", lambda: sent(server, files)),  # noqa: B023
                ("qido", lambda: searched(server)),  # noqa: B023
                ("wado", lambda: retrieved(server, len(files))),  # noqa: B023
                ("stow of 10,000 small", lambda: sent(server, many)),  # noqa: B023
                ("qido with 10,000 more", lambda: searched(server)),  # noqa: B023
            ):
                results[name][part] = work()
                print(name, part, json.dumps(results[name][part]), flush=True)
    for part in results["oncommons"]:
        print(part, json.dumps(ratios(results["oncommons"][part], results["orthanc"][part])))


def ratios(ours: object, theirs: object) -> object:
    """How many times better ours is, number by number: more files a second, fewer milliseconds."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return {key: ratios((key, ours[key]), (key, theirs[key])) for key in ours}
    (key, mine), (_, other) = ours, theirs  # type: ignore[misc]
    if isinstance(mine, dict):
        return ratios(mine, other)
    return round(other / max(mine, 0.01) if key.endswith("ms") else mine / max(other, 0.01), 1)


if __name__ == "__main__":
    main()

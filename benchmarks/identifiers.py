"""What is left of planted identifiers: oncommons beside the tools of the field, on the same files, in the same run.

    python benchmarks/identifiers.py                    all peers that can be installed
    python benchmarks/identifiers.py --only dicognito   some of them
    python benchmarks/identifiers.py --keep FOLDER      environments and outputs stay there

Two corpora:

*   ``planted``: tests/corpus, one unique token in every place where a name can hide.  A token counts as left if it is
    found in the bytes or the file name of anything that a tool gave out, in capitals or small letters, deflated data
    inflated.  Numbers, codes and times of day that a policy keeps hold no token.
*   ``dentdeid``: synthetic patients of the package of that name, with keys of what must not be found.

Each tool runs with its defaults.  Files that a tool does not give out cannot leak; their number is printed.  Of oncommons
the whole store is searched, ledger and index too; files in quarantine are those not given out, and of the dentdeid
corpus they are released first, as if a person had looked at their pixels.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.corpus.synthetic import keys_in, left_in  # noqa: E402  the tests lie beside, not among the packages

PIP = {
    "dicognito": "dicognito==0.19.0",
    "dicom-anonymizer": "dicom-anonymizer==2.1.0",
    "deid": "deid==0.4.13",
    "dcmanon": "dcmanon==0.3.1",
    "dcm-anonymizer": "dcm-anonymizer==0.5.0",
    "dentdeid": "dentdeid==0.1.0",
}
SEEDS = (1, 2, 3)
EACH = """
import sys
from pathlib import Path
source, target = Path(sys.argv[1]), Path(sys.argv[2])
{start}
for path in sorted(source.iterdir()):
    try:
        {each}
    except Exception as fault:
        print(path.name, repr(fault)[:200], file=sys.stderr)
"""
DEID = EACH.format(
    start="from deid.dicom import get_identifiers, replace_identifiers",
    each="ids = get_identifiers([str(path)]); replace_identifiers([str(path)], ids=ids, save=True, "
    "output_folder=str(target), overwrite=True)",
)
DCMANON = EACH.format(
    start="from dcmanon import Anonymizer; tool = Anonymizer()",
    each="(target / path.name).write_bytes(tool.anonymize(str(path)))",
)
Run = Callable[[Path, Path, Path], None]
"""Takes the directory of a tool's commands, the folder of the files, and the folder for what it gives out."""


def call(*words: object, cwd: Path | None = None) -> None:
    """Run a command; a tool that ends with an error has given out what it has."""
    subprocess.run([str(word) for word in words], capture_output=True, check=False, cwd=cwd, timeout=1800)


def dicognito(bin_: Path, source: Path, target: Path) -> None:
    for path in sorted(source.iterdir()):  # one by one, since an error ends its run
        call(bin_ / "python", "-m", "dicognito", "--quiet", "--seed", "x", "-o", target, path)


def kitware(bin_: Path, source: Path, target: Path) -> None:
    for path in sorted(source.iterdir()):
        call(bin_ / "dicom-anonymizer", path, target / path.name)


def deid(bin_: Path, source: Path, target: Path) -> None:
    call(bin_ / "python", "-c", DEID, source, target)


def dcmanon(bin_: Path, source: Path, target: Path) -> None:
    call(bin_ / "python", "-c", DCMANON, source, target)


def dcm_anon(bin_: Path, source: Path, target: Path) -> None:
    report = target.parent / "audit.json"
    call(bin_ / "dcm-anon", "--continue-on-error", "--quiet", "--audit-log", report, source, target)


def dentdeid(bin_: Path, source: Path, target: Path) -> None:
    out = target.parent / "dentdeid"
    call(
        bin_ / "dentdeid", "run", source, "-o", out, "-p", "research", "--text", "off", "--ocr", "off", "--no-previews"
    )
    with suppress(FileNotFoundError):
        (out / "clean").rename(target / "clean")


def gdcmanon(_: Path, source: Path, target: Path) -> None:
    key, certificate = target.parent / "key.pem", target.parent / "certificate.pem"
    names = ["-subj", "/CN=benchmark", "-days", "2", "-keyout", key, "-out", certificate]
    call("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names)
    for path in sorted(source.iterdir()):
        call("gdcmanon", "--de-identify", "--certificate", certificate, path, target / path.name)


def orthanc(_: Path, source: Path, target: Path) -> None:
    """Upload each file, ask for it anonymised, and keep what comes."""
    ports = [free_port(), free_port()]
    settings = {
        "HttpPort": ports[0],
        "DicomPort": ports[1],
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
    }
    settings |= {name: str(target.parent / "orthanc") for name in ("StorageDirectory", "IndexDirectory")}
    (target.parent / "orthanc.json").write_text(json.dumps(settings))
    program = shutil.which("Orthanc", path="/usr/sbin:/usr/bin") or "Orthanc"
    base = f"http://127.0.0.1:{ports[0]}/instances"
    command = [program, str(target.parent / "orthanc.json")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        for _attempt in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", ports[0]), 0.2):
                break
            time.sleep(0.2)
        for path in sorted(source.iterdir()):
            with suppress(OSError, KeyError, ValueError):
                held = json.loads(post(base, path.read_bytes()))
                (target / path.name).write_bytes(post(f"{base}/{held['ID']}/anonymize", b"{}"))
        server.terminate()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def post(url: str, body: bytes) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as answer:
        return answer.read()


PEERS: dict[str, Run] = {
    "dicognito": dicognito,
    "dicom-anonymizer": kitware,
    "deid": deid,
    "dcmanon": dcmanon,
    "dcm-anonymizer": dcm_anon,
    "dentdeid": dentdeid,
    "gdcmanon": gdcmanon,
    "orthanc": orthanc,
}
PROGRAMS = {"gdcmanon": "gdcmanon", "orthanc": "Orthanc"}


def oncommons(source: Path, room: Path, *, looked: bool) -> tuple[Path, int]:
    """Import into a fresh node; gives what it keeps, without its quarantine, and how many files wait there."""
    node, command = room / "node", [sys.executable, "-m", "oncommons", "node"]
    subprocess.run([*command, "init", str(node), "--policy", "open"], check=True, capture_output=True)
    (node / "deid.key").write_bytes(bytes(range(32)))
    place = [str(source), "--dataset", "benchmark", "--dir", str(node), "--json"]
    subprocess.run([*command, "import", *place], check=True, capture_output=True)
    if looked:
        for path in sorted(node.glob("quarantine/*[!m]")):
            call(*command, "quarantine", "release", path.name, "--dir", node)
    waiting = [path for path in node.glob("quarantine/*") if not path.suffix]
    kept = room / "kept"
    shutil.copytree(node, kept, ignore=shutil.ignore_patterns("quarantine"))
    return kept, len(waiting)


def left_planted(corpus: Path, out: Path) -> dict[str, str]:
    """Tokens that are left, and their places."""
    words = [sys.executable, "-m", "tests.corpus", "scan", str(corpus / "tokens.json"), str(out)]
    found = json.loads(subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    tokens = json.loads((corpus / "tokens.json").read_text())
    return {token: tokens[token.encode("latin-1").hex()] for token in found}


def named(found: dict[bytes, Path]) -> dict[str, str]:
    """Strings and names of files, as text."""
    return {string.decode("latin-1"): path.name for string, path in found.items()}


def grouped(places: dict[str, str]) -> str:
    """How many are left in each part of the corpus."""
    parts = {"table": "Table E.1-1", "odd": "odd place", "private": "private"}
    counts = {name: sum(place.startswith(start) for place in places.values()) for name, start in parts.items()}
    return "  ".join(f"{name} {n:>6,}" for name, n in (counts | {"else": len(places) - sum(counts.values())}).items())


def flat(source: Path, target: Path) -> Path:
    """All files in one folder, under their names: some tools do not look into sub-folders."""
    target.mkdir()
    for i, path in enumerate(sorted(p for p in source.rglob("*") if p.is_file())):
        shutil.copyfile(path, target / f"{i:04d} {path.name}")
    return target


def install(name: str, room: Path) -> Path:
    """An environment of a peer's own; gives the directory of its commands."""
    folder = room / "environments" / name
    if not folder.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", PIP[name]], check=True)
    return folder / "bin"


def usable(only: list[str], room: Path) -> dict[str, Path]:
    """The peers that are here, and the directories of their commands."""
    found = {}
    for name in only or PEERS:
        if name in PROGRAMS and not shutil.which(PROGRAMS[name], path="/usr/sbin:/usr/bin:/usr/local/bin"):
            print(f"{name}: not installed here")
            continue
        try:
            found[name] = install(name, room) if name in PIP else Path()
        except subprocess.CalledProcessError:
            print(f"{name}: cannot be installed here")
    return found


def synthesise(bin_: Path, room: Path) -> tuple[Path, dict[Path, set[bytes]]]:
    """The corpus of dentdeid with several seeds in one folder, and the strings that are found in each file."""
    target, keys = room / "synthetic", {}
    target.mkdir()
    for seed in SEEDS:
        folder = room / f"seed{seed}"
        call(bin_ / "dentdeid", "synth", "-o", folder, "--seed", seed, "--no-cbct")
        for path, found in keys_in(folder).items():
            copy = target / f"{seed}-{path.name}"
            shutil.copyfile(path, copy)
            keys[copy] = found
    return target, keys


def compare(
    title: str, files: Path, room: Path, peers: dict[str, Path], left: Callable[[Path], dict[str, str]]
) -> dict:
    """Run everybody on one corpus and print a line for each."""
    count = len(list(files.iterdir()))
    print(f"\n{title}: {count} files\n\n{'':<18}{'left':>8}{'not given out':>15}")
    results = {}
    for name in ("oncommons", *peers):
        work = room / f"{title}-{name}"
        out = work / "out"
        out.mkdir(parents=True)
        if name == "oncommons":
            out, absent = oncommons(files, work, looked=title == "dentdeid")
        else:
            PEERS[name](peers[name], files, out)
            absent = count - sum(1 for p in out.rglob("*") if p.is_file())
        found = left(out)
        results[name] = {"left": len(found), "not_given_out": absent}
        parts = f"   {grouped(found)}" if title == "planted" else ""
        print(f"{name:<18}{len(found):>8,}{absent:>15}{parts}", flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], choices=[*PEERS], metavar="PEER")
    parser.add_argument("--keep", type=Path, help="a folder for environments and outputs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="oncommons-identifiers-") as folder:
        room = options.keep or Path(folder)
        room.mkdir(parents=True, exist_ok=True)
        peers = usable(options.only, room)
        corpus = room / "corpus"
        subprocess.run([sys.executable, "-m", "tests.corpus", "write", str(corpus)], check=True, cwd=ROOT)
        planted = flat(corpus / "files", room / "planted")
        tokens = len(json.loads((corpus / "tokens.json").read_text()))
        print(f"{tokens:,} tokens are planted")
        results = {"planted": compare("planted", planted, room, peers, lambda out: left_planted(corpus, out))}
        if "dentdeid" in peers:
            files, keys = synthesise(peers["dentdeid"], room)
            print(f"\n{sum(map(len, keys.values()))} strings of the keys are found in the files")
            results["dentdeid"] = compare("dentdeid", files, room, peers, lambda out: named(left_in(keys, out)))
        print(json.dumps({"tokens": tokens, **results}))


if __name__ == "__main__":
    main()

"""What research can still do with de-identified images: ours beside dicognito and Kitware's dicom-anonymizer.

    python benchmarks/use.py FOLDER --checked 300

Each tool de-identifies the same files: those of FOLDER and the samples that come with pydicom.  Both sides of every
pair are then read with pydicom and compared: the research attributes of ``tests/use/research.csv`` with their reasons,
uptake factors of PET, references, contours, pixels, dates, words of descriptions; and ``dciodvfy`` looks for errors
that a file did not have before.  A file that a tool does not give out counts in no share but is told.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import pydicom

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.use.measures import attributes  # noqa: E402
from tests.use.tally import Tally, tally  # noqa: E402
from tests.use.validity import new_errors  # noqa: E402

from oncommons.node.deidentify import node_keys  # noqa: E402
from oncommons.node.home import open_home  # noqa: E402

PEERS = ("dicognito==0.19.0", "dicom-anonymizer==2.1.0")
DICOGNITO = """
import sys
from pathlib import Path
import pydicom
from dicognito.anonymizer import Anonymizer
anonymizer = Anonymizer()
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        one = pydicom.dcmread(path, force=True)
        anonymizer.anonymize(one)
        one.save_as(Path(sys.argv[2]) / path.name)
    except Exception as fault:
        print(path.name, type(fault).__name__)
"""
"""As its command does it, with the names of the files kept, so that pairs can be told."""
KITWARE = """
import sys
from pathlib import Path
from dicomanonymizer.simpledicomanonymizer import anonymize_dicom_file
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        anonymize_dicom_file(str(path), str(Path(sys.argv[2]) / path.name))
    except Exception as fault:
        print(path.name, type(fault).__name__)
"""
Pairs = list[tuple[Path, Path]]


def gather(folder: Path, target: Path) -> list[Path]:
    """Copies of all files under numbers: of the folder, and of pydicom's samples that say whose they are."""
    target.mkdir()
    samples = sorted(Path(pydicom.__file__).parent.joinpath("data", "test_files").rglob("*.dcm"))
    places = [*sorted(folder.rglob("*.dcm")), *samples]
    return [Path(shutil.copyfile(place, target / f"{n:06d}.dcm")) for n, place in enumerate(places)]


def ours(files: list[Path], room: Path) -> Pairs:
    """The complete import of a node."""
    command, node = [sys.executable, "-m", "oncommons", "node"], room / "node"
    subprocess.run([*command, "init", node, "--policy", "open"], check=True, capture_output=True)
    subprocess.run(
        [*command, "import", files[0].parent, "--dataset", "b", "--dir", node], check=True, capture_output=True
    )
    home = open_home(node)
    keys, kept = node_keys(home.secret_file), {path.stem: path for path in home.images.rglob("*.dcm")}
    return [(path, kept[sop]) for path in files if (sop := keys.uid(sop_of(path)).decode()) in kept]


def sop_of(path: Path) -> bytes:
    """SOP Instance UID of a file."""
    one = pydicom.dcmread(path, force=True, specific_tags=["SOPInstanceUID"])
    return str(one.get("SOPInstanceUID", "")).encode()


def named(files: list[Path], out: Path) -> Pairs:
    """Pairs by name."""
    return [(path, out / path.name) for path in files if (out / path.name).is_file()]


def dicognito(files: list[Path], room: Path, peers: Path) -> Pairs:
    """dicognito, with its defaults."""
    (room / "cognito").mkdir()
    words = [peers / "python", "-c", DICOGNITO, files[0].parent, room / "cognito"]
    subprocess.run(words, check=True, capture_output=True)
    return named(files, room / "cognito")


def kitware(files: list[Path], room: Path, peers: Path) -> Pairs:
    """dicom-anonymizer, with its defaults; file by file, since one that it cannot read ends its batch."""
    (room / "kitware").mkdir()
    subprocess.run(
        [peers / "python", "-c", KITWARE, files[0].parent, room / "kitware"], check=True, capture_output=True
    )
    return named(files, room / "kitware")


def spread(pairs: Pairs, number: int) -> Pairs:
    """At most so many pairs, spread over all."""
    return pairs[:: max(1, -(-len(pairs) // number))]


def line(name: str, told: Tally, errors: float, files: int) -> str:
    """A tool in one line of the table."""
    cells = [told.suv, told.references, told.contours, told.pixels, told.patients]
    shares = "".join(f"{f'{kept}/{was}':>14}" for kept, was in cells)
    words = told.words[0] / max(1, told.words[1])
    return f"{name:<18}{f'{told.files}/{files}':>12}{told.share:>12.2%}{shares}{words:>8.0%}{errors:>12.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--checked", type=int, default=300, help="files that dciodvfy looks at")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="oncommons-use-") as folder:
        room = Path(folder)
        venv.create(room / "peers", with_pip=True)
        peers = room / "peers" / "bin"
        subprocess.run([str(peers / "pip"), "install", "--quiet", *PEERS], check=True)
        files = gather(options.folder, room / "in")
        pairs = {
            "oncommons": ours(files, room),
            "dicognito": dicognito(files, room, peers),
            "dicom-anonymizer": kitware(files, room, peers),
        }
        told = {name: tally(some) for name, some in pairs.items()}
        errors = {
            name: [new_errors(*pair).total() for pair in spread(some, options.checked)] for name, some in pairs.items()
        }
    heads = ("SUV equal", "references", "contours", "pixels", "dates")
    print(f"{'':<18}{'files':>12}{'attributes':>12}{''.join(f'{h:>14}' for h in heads)}{'words':>8}{'new errors':>12}")
    for name, one in told.items():
        print(line(name, one, sum(errors[name]) / max(1, len(errors[name])), len(files)))
    print(f"\n{'attribute':<82}{'files':>7}" + "".join(f"{name:>18}" for name in told))
    for attribute in attributes():
        found = [one.attributes.get(attribute.path, [0, 0]) for one in told.values()]
        shares = "".join(f"{kept / was:>18.1%}" if was else f"{'-':>18}" for kept, was in found)
        print(f"{attribute.path:<82}{found[0][1]:>7}{shares}   {attribute.why}")
    print(json.dumps({name: {"share": one.share, "new_errors": sum(errors[name])} for name, one in told.items()}))


if __name__ == "__main__":
    main()

"""A node after an import: some files kept, some waiting for each of several reasons, some refused."""

import shutil

from tests.node.images import dicom, fill

from oncommons.node.flow import import_images
from oncommons.node.home import make_home, open_home
from oncommons.node.receive.folder import FileArrival, files_in
from oncommons.node.receive.table import About
from oncommons.policy.disclosure.counts import Policy
from oncommons.storage.ledger_pages import LedgerPages

EVIL = "<script>alert(1)<script>"
MAKER = "<>alert(1)<>"
"""What is left of a maker of that name: words that nobody knows do not stay."""
FILES = {
    "ct/1.dcm": dicom(1),
    "ct/2.dcm": dicom(2, Manufacturer=f"Acme {EVIL}"),
    "ct/3.dcm": dicom(3, PatientSex=None),
    "us/4.dcm": dicom(4, series=2, Modality="XC"),
    f"us/{EVIL}.dcm": dicom(5, series=2, Modality="XC", PatientName=f"{EVIL}^Eve"),
    "ct/6.dcm": dicom(1, pixel=9),
    "ct/7.dcm": dicom(7)[:900],
    "letter.txt": b"dear sir or madam",
}
KINDS = {"kept": 3, "quarantined": 4, "refused": 1}


def make_node(folder, files=FILES, dataset="lung"):
    """A node that has taken in files, and the folder they came from beside it."""
    home = make_home(folder / "athens", Policy("open"))
    return take_in(home, fill(folder / "came", files), dataset)


def copied(home, folder):
    """A node that is as another one, with the folder its files came from: two small copies take less than an import."""
    for place in (home.folder, home.folder.with_name("came")):
        shutil.copytree(place, folder / place.name)
    return open_home(folder / home.folder.name)


def take_in(home, place, dataset="lung"):
    import_images(home, map(FileArrival, files_in(place)), dataset, About(""), lambda *_: None)
    return open_home(home.folder)


def entries(home, **wanted):
    """Entries of the ledger that have these values, in the order of where they came from."""
    ledger = LedgerPages(home.ledger_file)
    found = list(ledger._rows("SELECT digest FROM file ORDER BY digest"))
    every = [ledger.entry(digest) for (digest,) in found]
    ledger.close()
    return [e for e in every if all(getattr(e, name) == value for name, value in wanted.items())]


def waiting(home, name):
    """The digest of the file of quarantine that came from a place with such a name."""
    for note in home.quarantine.glob("*.from"):
        if name in note.read_text("utf-8"):
            return note.stem
    raise AssertionError(f"nothing of that name waits: {name}")

"""A document inside an object never gets into the store, whatever the object says that it is, and whoever releases it."""

import zlib
from contextlib import closing
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from tests.node.images import ROOT, bytes_below, dicom, fill

from oncommons.node.deidentify import node_profile
from oncommons.node.flow import import_images, release_images
from oncommons.node.home import make_home
from oncommons.node.receive.folder import FileArrival, files_in
from oncommons.node.receive.table import About
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import BadProfile
from oncommons.storage.decisions import Person
from oncommons.storage.ledger import Ledger

KINDS = {"pdf": 1, "cda": 2, "stl": 3, "obj": 4, "mtl": 5}
"""Encapsulated storage classes 1.2.840.10008.5.1.4.1.1.104.n (PS3.4 B.5)."""
PLAIN = b"Seen today: Quokka Zebedee, ZQX-4711, who lives in Wombat."
STREAM = zlib.compress(PLAIN)
PDF = (
    b"%PDF-1.4\n1 0 obj <</Length " + str(len(STREAM)).encode() + b"/Filter/FlateDecode>> stream\n" + STREAM + b"\nendstream endobj\n"
    b"2 0 obj (" + PLAIN + b") endobj\n%%EOF"
)  # fmt: skip
CDA = b"<ClinicalDocument><patient><name>Quokka Zebedee</name></patient>" + PLAIN + b"</ClinicalDocument>"
SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)
GONE = dict.fromkeys(["PixelData", "Rows", "Columns", "ImagePositionPatient", "ImageOrientationPatient"])


def document(name, content, **more):
    """An object that says that it holds a document."""
    kind = f"1.2.840.10008.5.1.4.1.1.104.{KINDS[name]}"
    raw = dicom(
        100 + KINDS[name],
        7,
        SOPClassUID=kind,
        **{"Modality": "DOC", "EncapsulatedDocument": padded(content), **GONE, **more},
    )
    one = pydicom.dcmread(BytesIO(raw))
    one.file_meta.MediaStorageSOPClassUID = kind
    return saved(one, ExplicitVRLittleEndian)


def smuggled(content, syntax):
    """A CT slice with a document at its top and in a sequence, as no standard allows."""
    one = pydicom.dcmread(BytesIO(dicom(SYNTAXES.index(syntax) + 1, 8)))
    inner = Dataset()
    inner.EncapsulatedDocument, inner.DocumentTitle = padded(content), "Letter about Quokka"
    one.EncapsulatedDocument, one.DocumentTitle, one.MIMETypeOfEncapsulatedDocument = (
        padded(content),
        "Quokka",
        "application/pdf",
    )
    one.SourceImageSequence = Sequence([inner])
    if syntax == ExplicitVRBigEndian:
        one["PixelData"].VR = "OW"
    return saved(one, syntax)


def padded(content):
    return content + b"\0" * (len(content) % 2)


def saved(one, syntax):
    file = BytesIO()
    one.file_meta.TransferSyntaxUID = syntax
    little = syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(
        file, one, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=little, enforce_file_format=True
    )
    return file.getvalue()


def take_in(home, folder):
    return import_images(home, map(FileArrival, files_in(folder)), "d", About(""), lambda *_: None)


def waiting(home):
    with closing(Ledger(home.ledger_file)) as ledger:
        return ledger.waiting()


def holds(home, folder):
    """Names of kept files that hold something of a document, deflated ones inflated."""
    found = []
    for name, content in bytes_below(folder).items():
        one = pydicom.dcmread(BytesIO(content))
        spread = saved(one, ExplicitVRLittleEndian)
        if any(part in spread for part in (b"%PDF", b"ClinicalDocument", STREAM[:16], b"Quokka", b"ZQX-4711")):
            found.append(name)
    return found


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "athens", Policy("open"))


def test_every_kind_of_document_waits_and_no_release_keeps_it(home, tmp_path):
    files = {f"{name}.dcm": document(name, PDF if name == "pdf" else CDA) for name in KINDS}
    files["said to be a CT.dcm"] = document("pdf", PDF, Modality="CT", SOPInstanceUID=f"{ROOT}.1.7.1")
    report = take_in(home, fill(tmp_path / "came", files))
    assert report.quarantined == {"E620": len(files)}
    told = release_images(home, waiting(home), Person("Ada", "console"))
    assert {(one.outcome, one.code) for one in told} == {("quarantined", "E620")}
    assert {entry.reason for entry in waiting(home)} == {"It holds a document or a voice, and no rule can clean that."}
    assert bytes_below(home.images) == {}


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_a_document_that_hides_in_an_image_goes_and_the_image_stays(home, tmp_path, syntax):
    report = take_in(home, fill(tmp_path / "came", {"1.dcm": smuggled(PDF, syntax), "2.dcm": dicom(9)}))
    assert (report.kept, report.quarantined.total()) == (2, 0)
    assert holds(home, home.images) == []


def test_no_profile_keeps_a_document(home):
    home.profile_file.write_text('name = "x"\n[attributes]\n"0042,0011" = "K"\n')
    with pytest.raises(BadProfile, match="no profile keeps it"):
        node_profile(home.profile_file)

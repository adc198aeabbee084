"""Small DICOM files for tests: a real CT header round 8 by 8 pixels, of an invented patient."""

from functools import lru_cache
from io import BytesIO

import pydicom
from pydicom.data import get_testdata_file

ROOT = "1.2.999.4711"
IDENTIFIERS = ("ZQX-4711", "Quokka", "Zebedee", "19430217", "ACC-908172", "Wombat", ROOT)
"""What tells who the patient of these files is, and where the files came from."""


@lru_cache(maxsize=1)
def _base():
    """The bytes of the real file without what none of these files has."""
    found = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    found.remove_private_tags()
    del found[0xFFFCFFFC], found[0x00101002]
    return _saved(found)


def dicom(number=1, series=1, study=1, patient="ZQX-4711", pixel=7, **more):
    """A file; ``more`` are keywords of attributes and their values, ``None`` for one that is not there."""
    return (
        _plain(number, series, study, patient, pixel)
        if not more
        else _made(number, series, study, patient, pixel, more)
    )


@lru_cache(maxsize=4096)
def _plain(number, series, study, patient, pixel):
    """Files that many tests need, made once."""
    return _made(number, series, study, patient, pixel, {})


def _made(number, series, study, patient, pixel, more):
    one = pydicom.dcmread(BytesIO(_base()))
    one.PatientID, one.PatientName, one.PatientBirthDate = patient, "Quokka^Zebedee", "19430217"
    one.AccessionNumber, one.InstitutionName, one.ReferringPhysicianName = "ACC-908172", "Wombat", "Wombat^Ada"
    one.StudyInstanceUID, one.SeriesInstanceUID = f"{ROOT}.{study}", f"{ROOT}.{study}.{series}"
    one.FrameOfReferenceUID = f"{ROOT}.{study}.0.1"
    one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = f"{ROOT}.{study}.{series}.{number}"
    one.Rows = one.Columns = 8
    one.PixelData = bytes([pixel, 0]) * 64
    one.InstanceNumber, one.PatientAge, one.PatientSex = number, "061Y", "F"
    for keyword, value in more.items():
        if value is None:
            delattr(one, keyword)
        else:
            setattr(one, keyword, value)
    return _saved(one)


def _saved(one):
    file = BytesIO()
    one.save_as(file, enforce_file_format=True)
    return file.getvalue()


def fill(folder, files):
    """Write files, by name, into a folder that may not be there yet; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def bytes_below(folder):
    """Every file below a folder, by its path there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

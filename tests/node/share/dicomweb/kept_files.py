"""Kept images without a node: files in a folder, read by pydicom."""

import warnings
from collections import Counter
from functools import partial
from io import BytesIO

import pydicom
from pydicom.multival import MultiValue
from tests.node.images import dicom

from oncommons.node.share.dicomweb.kept import KeptInstance, KeptSeries


def text(element):
    value = element.value
    if value is None:
        return ""
    return "\\".join(map(str, value)) if isinstance(value, MultiValue) else str(value)


def told(raw):
    """A file's header, and its attributes as text; complaints about odd values of real files are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = pydicom.dcmread(BytesIO(raw), stop_before_pixels=True)
        return one, {f"{e.tag:08X}": text(e) for e in one if e.VR not in {"SQ", "OB", "OW", "UN"}}


class KeptFiles:
    """A fake of the node's images."""

    def __init__(self, folder, raws):
        self.rows = []
        for n, raw in enumerate(raws):
            path = folder / f"{n}.dcm"
            path.write_bytes(raw)
            one, plain = told(raw)
            uids = (str(one.StudyInstanceUID), str(one.SeriesInstanceUID), str(one.SOPInstanceUID))
            syntax = str(one.file_meta.TransferSyntaxUID)
            self.rows.append(KeptInstance(str(one.PatientID), *uids, syntax, plain, partial(path.open, "rb")))
        self.rows.sort(key=lambda row: (row.study, row.series, row.sop))

    def series(self):
        counts = Counter((row.study, row.series) for row in self.rows)
        firsts = {(row.study, row.series): row for row in reversed(self.rows)}
        return [KeptSeries(firsts[key].patient, *key, counts[key], firsts[key].attributes) for key in sorted(counts)]

    def instances(self, study="", series="", sop=""):
        wanted = (study, series, sop)
        for row in self.rows:
            if all(uid in {"", own} for uid, own in zip(wanted, (row.study, row.series, row.sop), strict=True)):
                yield row


def two_studies():
    """Seven objects: a study with a CT of three slices and an MR of two, and another with a CT of two."""
    first = {"StudyDate": "20260105", "StudyTime": "101500", "StudyDescription": "THORAX", "AccessionNumber": ""}
    second = {"StudyDate": "20260210", "StudyTime": "0800", "StudyDescription": "ABDOMEN", "AccessionNumber": ""}
    place = {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}
    ct = [dicom(n, 1, 1, "ANNA", n, ImagePositionPatient=[0, 0, 5 * n], **first, **place) for n in (1, 2, 3)]
    mr = [dicom(n, 2, 1, "ANNA", n, Modality="MR", SliceThickness="3.0", **first) for n in (1, 2)]
    other = [dicom(n, 1, 2, "BERTA", n, Modality="CT", **second) for n in (1, 2)]
    return [*ct, *mr, *other]

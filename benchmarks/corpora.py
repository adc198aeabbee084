"""Images for benchmarks, made by a script: the same bytes for the same seed.

    python benchmarks/corpora.py ct FOLDER     400 CT slices of 512 x 512 pixels in one series
    python benchmarks/corpora.py mr FOLDER     600 MR images of 128 x 128 pixels with hundreds of elements, private ones too
    python benchmarks/corpora.py mr3000 FOLDER     3,000 of them, as many as one study of diffusion or function has

The headers are those of pydicom's sample images; the pixels are noise round a disc.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

SEED = 20261122
_PRIVATE = ("SIEMENS CSA HEADER", "SIEMENS MR HEADER", "GEMS_PARM_01", "GEMS_ACQU_01", "Philips MR Imaging DD 001")
_BLOCK = 50
"""Private elements of each creator."""


def ct(folder: Path, number: int = 400) -> None:
    """One series of CT slices; 16 bits a pixel, 525 KB a file."""
    one = _sample("CT_small.dcm")
    one.Rows = one.Columns = 512
    one.PixelSpacing, one.SliceThickness = [0.8, 0.8], 1.25
    rng = np.random.default_rng(SEED)
    distance = np.hypot(*np.mgrid[-256:256, -256:256])
    for i in range(number):
        pixels = np.where(distance < 200, 1060, 24) + rng.integers(0, 60, (512, 512))
        one.ImagePositionPatient = [-204.8, -204.8, 1.25 * i]
        one.SliceLocation = 1.25 * i
        _write(one, pixels, folder, i)


def mr(folder: Path, number: int = 600) -> None:
    """Series of MR images with five private blocks and nested sequences; about 400 elements a file."""
    one = _sample("MR_small.dcm")
    one.Rows = one.Columns = 128
    rng = np.random.default_rng(SEED)
    for i, creator in enumerate(_PRIVATE):
        block = one.private_block(0x0011 + 2 * i, creator, create=True)
        for element in range(_BLOCK):
            block.add_new(element, ("LO", "DS", "UI", "FD", "SH")[element % 5], _value(element, i))
    for keyword in ("ReferencedImageSequence", "RequestAttributesSequence", "ProcedureCodeSequence"):
        setattr(one, keyword, [_item(keyword, n) for n in range(8)])
    for i in range(number):
        one.SeriesInstanceUID = generate_uid(entropy_srcs=["series", str(i // 60)])
        one.EchoTime, one.SliceLocation = 10.0 + i % 3, 2.0 * (i % 60)
        _write(one, rng.integers(0, 4096, (128, 128)), folder, i)


def mr3000(folder: Path) -> None:
    """As :func:`mr`, in fifty series."""
    mr(folder, 3000)


CORPORA: Mapping[str, Callable[[Path], None]] = {"ct": ct, "mr": mr, "mr3000": mr3000}


def _sample(name: str) -> Dataset:
    one = pydicom.dcmread(get_testdata_file(name))
    if 0xFFFCFFFC in one:
        del one[0xFFFCFFFC]
    one.PatientID, one.PatientName, one.PatientBirthDate = "ZQX-4711", "Quokka^Zebedee", "19430217"
    one.PatientAge, one.InstitutionName = "061Y", "Wombat General"
    return one


def _value(element: int, creator: int) -> object:
    return ("a private text", "1.25", f"1.2.840.99999.{creator}.{element}", 0.5 * element, f"P{element}")[element % 5]


def _item(keyword: str, number: int) -> Dataset:
    item = Dataset()
    if keyword == "ReferencedImageSequence":
        item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
        item.ReferencedSOPInstanceUID = f"1.2.840.99999.4711.{number}"
    else:
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = f"{number}", "99LOCAL", "MRI BRAIN"
    return item


def _write(one: Dataset, pixels: np.ndarray, folder: Path, number: int) -> None:
    one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid(
        entropy_srcs=[folder.name, str(number)]
    )
    one.InstanceNumber = number + 1
    one.PixelData = pixels.astype("<u2").tobytes()
    file = BytesIO()
    one.save_as(file, enforce_file_format=True)
    (folder / f"{number:04}.dcm").write_bytes(file.getvalue())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", choices=CORPORA)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True)
    CORPORA[options.corpus](options.folder)
    files = list(options.folder.iterdir())
    print(f"{len(files)} files, {sum(f.stat().st_size for f in files) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()

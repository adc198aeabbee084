"""How much of the text that is burned into images is found, and how much can be read after it was made black.

    python benchmarks/burned_in.py --count 60 --seed 7 --data FOLDER

Strings such as names, dates and numbers are drawn into real images (samples of pydicom, and slices of the folder ``sts``
where it is at hand): 10 to 24 pixels high, in three contrasts, lighter or darker than what lies beneath, some standing or askew.  Measured on the same pictures:

*   ``oncommons``: what a node does; a string is found if four of its letters in a row are read.
*   ``rapidocr``: the package that our networks are from, as it comes, in one pass.
*   ``tesseract`` (Debian), as it comes in one pass, and ``tesseract, 2 views``: the whole range of greys, and each place
    beside its neighbours.

Then the two packages read the pictures that were made black, in these two views; and a node looks at the same images
without strings, where each box is false.  Seconds are those of the processor.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import math
import os
import random
import resource
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from PIL import Image, ImageDraw, ImageFont
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from oncommons.imaging.deid.pixels.cleaning import clean_file
from oncommons.imaging.deid.pixels.found import Box, Found, Recogniser
from oncommons.imaging.deid.pixels.loader import can_recognise
from oncommons.imaging.deid.pixels.networks import open_recogniser
from oncommons.imaging.deid.pixels.views import Scene, View, beside_neighbours, whole_range
from oncommons.schema.errors import MayShowText

SAMPLES = {
    "CT": ["693_UNCR.dcm", "explicit_VR-UN.dcm", "J2K_pixelrep_mismatch.dcm", "eCT_Supplemental.dcm"],
    "MR": ["MR2_UNCR.dcm", "MR-SIEMENS-DICOM-WithOverlays.dcm", "examples_overlay.dcm"],
    "CR": ["RG1_UNCR.dcm", "RG3_UNCR.dcm"],
    "US": ["color3d_jpeg_baseline.dcm", "color-pl.dcm"],
}
SECTOR = np.s_[45:430, 90:560]
"""Of the ultrasound film, the part without text of its own."""
FAMILY = [
    "Papadopoulos",
    "Müller",
    "O'Brien",
    "Kowalska",
    "García",
    "Jansen",
    "Quackenbush",
    "Nováková",
    "Rossi",
    "Dubois",
    "Yılmaz",
    "Horvat",
    "Smith",
]
GIVEN = [
    "Maria",
    "John",
    "Zebediah",
    "Anna-Lena",
    "Dimitris",
    "Søren",
    "Józef",
    "Elisabeth",
    "Chloé",
    "Petra",
    "Ahmed",
    "Lucia",
]
HOUSES = ["St. Mary's Hospital", "Klinikum Nord", "Hôpital Tenon", "UZ Gent", "BAPTIST MED CTR", "Ospedale Maggiore"]
FONTS = [
    *(f"/usr/share/fonts/truetype/dejavu/DejaVu{n}.ttf" for n in ("Sans", "Sans-Bold", "SansMono", "Serif")),
    *(f"/usr/share/fonts/truetype/liberation/Liberation{n}-Regular.ttf" for n in ("Sans", "SansNarrow", "Mono")),
    "",
]
"""Those that are not there are left out; the empty one is Pillow's own."""
SIZES = (10, 12, 14, 18, 24)
CONTRASTS = {"high": 1.0, "middle": 0.5, "low": 0.25}
"""Difference from what lies beneath, in ranges of the image's greys from the 1st to the 99th percentile."""
TURNS = {0: 84, 90: 6, 270: 6, 4: 2, -4: 2}
"""Degrees against the clock, and how often of 100; films are digitised a little askew."""
RUN = 4


@dataclass(frozen=True)
class Planted:
    """A string in a picture: what, how, the box around it and around each letter that is seen."""

    text: str
    size: int
    contrast: str
    turn: int
    box: Box
    letters: Sequence[Box]


@dataclass(frozen=True)
class Case:
    """A picture with strings, and the same without."""

    kind: str
    clean: Any
    pixels: Any
    planted: Sequence[Planted]


def backgrounds(data: Path, rng: random.Random) -> Iterator[tuple[str, Any]]:
    """Real images, one after the other, for ever."""
    slices = sorted((data / "sts").glob("*/*/image/*.dcm"))
    while True:
        kind = rng.choice(["CT", "MR", "CR", "US", *(["sts"] * 2 if slices else [])])
        if kind == "sts":
            found = pydicom.dcmread(rng.choice(slices))
            pixels = found.pixel_array.astype(np.int16)
            if not pixels.any():
                continue
            times = max(1, 480 // min(pixels.shape))
            yield found.Modality, np.kron(pixels, np.ones((times, times), np.int16))
            continue
        name = rng.choice(SAMPLES[kind])
        found = pydicom.dcmread(get_testdata_file(name, download=False))
        pixels = found.pixel_array
        pixels = pixels[0] if int(found.get("NumberOfFrames") or 1) > 1 else pixels
        if name.startswith("color"):
            pixels = pixels[SECTOR] if name.startswith("color3d") else np.kron(pixels, np.ones((2, 2, 1), np.uint8))
        yield kind, pixels


def string(rng: random.Random) -> str:
    """A name, a date, a number or a hospital, of nobody."""
    date = f"{rng.randint(1, 28):02d}", f"{rng.randint(1, 12):02d}", str(rng.randint(1930, 2024))
    made = rng.choice(
        [
            rng.choice("^, ").join((rng.choice(FAMILY), rng.choice(GIVEN))),
            rng.choice("./-").join(date),
            f"{rng.choice(['ID', 'MRN', 'Pat. No', 'PID'])}{rng.choice(': -')}{rng.randint(10**5, 10**8)}",
            f"DOB {''.join(reversed(date))} {rng.choice('MF')}",
            rng.choice(HOUSES),
            f"Acc {rng.choice('ABKX')}{rng.randint(10**4, 10**7)}",
        ],
    )
    return made.upper() if rng.random() < 0.4 else made


def drawn(text: str, size: int, rng: random.Random) -> tuple[Any, list[Box]]:
    """A string as ink from 0 to 1, and the boxes of its letters; often without soft edges, as screens draw it."""
    names = [name for name in FONTS if not name or Path(name).exists()]
    name = rng.choice(names)
    font: Any = ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text)
    canvas = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    pen = ImageDraw.Draw(canvas)
    pen.fontmode = rng.choice("1LL")
    pen.text((1 - left, 1 - top), text, font=font, fill=255)
    ink = np.asarray(canvas, np.float32) / 255
    ends = [int(font.getlength(text[:n])) + 1 - int(left) for n in range(len(text) + 1)]
    boxes = [Box(max(a, 0), 0, b, ink.shape[0]) for a, b, c in zip(ends, ends[1:], text, strict=False) if c.isalnum()]
    return ink, boxes


def plant(pixels: Any, rng: random.Random, count: int = 3) -> tuple[Any, list[Planted]]:
    """Draw strings into a picture, apart from one another."""
    made, planted = np.array(pixels), []
    for _ in range(40 * count):
        if len(planted) == count:
            break
        text, size, turn = string(rng), rng.choice(SIZES), rng.choices(list(TURNS), list(TURNS.values()))[0]
        ink, letters = turned(*drawn(text, size, rng), turn)
        rows, columns = ink.shape
        if rows >= made.shape[0] or columns >= made.shape[1]:
            continue
        y, x = rng.randint(0, made.shape[0] - rows), rng.randint(0, made.shape[1] - columns)
        if rng.random() < 0.6:
            y = rng.choice([1, made.shape[0] - rows - 1])
        box = Box(x, y, x + columns, y + rows)
        if any(_near(box, other.box) for other in planted):
            continue
        contrast = rng.choice(list(CONTRASTS))
        before = made.copy()
        _burn(made, pixels, ink, box, CONTRASTS[contrast], rng)
        moved = [Box(b.left + x, b.top + y, b.right + x, b.bottom + y) for b in letters]
        seen = [b for b in moved if _seen(before, made, b)]
        if len(seen) < max(RUN, 0.8 * len(moved)):  # white on white is nobody's to read
            made = before
            continue
        planted.append(Planted(text, size, contrast, turn, box, seen))
    return made, planted


def _seen(before: Any, after: Any, letter: Box) -> bool:
    """Whether a letter has changed what lies under it by a tenth of the greys of the picture."""
    low, high = np.percentile(before, (1, 99))
    there = np.s_[letter.top : letter.bottom, letter.left : letter.right]
    change = np.abs(after[there].astype(float) - before[there])
    return bool(change.size) and float(np.percentile(change, 90)) >= 0.1 * (high - low)


def turned(ink: Any, letters: Sequence[Box], degrees: int) -> tuple[Any, list[Box]]:
    """Ink and its letters, turned against the clock."""
    rows, columns = ink.shape
    picture = Image.fromarray((ink * 255).astype(np.uint8)).rotate(degrees, Image.BICUBIC, expand=True)
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)

    def place(x: float, y: float) -> tuple[float, float]:
        x, y = x - columns / 2, y - rows / 2
        return x * cos + y * sin + picture.width / 2, y * cos - x * sin + picture.height / 2

    moved = []
    for box in letters:
        xs, ys = zip(*(place(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)), strict=True)
        moved.append(Box(*(round(n) for n in (min(xs), min(ys), max(xs), max(ys)))))
    return np.asarray(picture, np.float32) / 255, [box.within(picture.width, picture.height) for box in moved]


def _near(one: Box, other: Box) -> bool:
    room = 8
    beside = one.left < other.right + room and other.left < one.right + room
    return beside and one.top < other.bottom + room and other.top < one.bottom + room


def _burn(made: Any, pixels: Any, ink: Any, box: Box, contrast: float, rng: random.Random) -> None:
    grey = pixels if pixels.ndim == 2 else pixels.max(axis=-1)
    low, high = np.percentile(grey, (1, 99))
    here = made[box.top : box.bottom, box.left : box.right]
    under = float(np.median(grey[box.top : box.bottom, box.left : box.right]))
    value = under + contrast * (high - low)
    darker = max(under - contrast * (high - low), float(grey.min()))
    if value > grey.max() or rng.random() < 0.2:
        value = darker
    colour = 1.0 if made.ndim == 2 else np.asarray(rng.choice([(1, 1, 1), (1, 1, 0), (0, 1, 0), (0, 1, 1)]))
    soft = ink if made.ndim == 2 else ink[..., None]
    limits = np.iinfo(made.dtype)
    here[:] = np.clip(np.rint(here * (1 - soft) + soft * value * colour), limits.min, limits.max)


def cases(seed: int, count: int, data: Path) -> Iterator[Case]:
    """Pictures with strings, the same for the same seed."""
    rng = random.Random(seed)
    for (kind, pixels), _ in zip(backgrounds(data, rng), range(count), strict=False):
        yield Case(kind, pixels, *plant(pixels, rng))


def as_file(pixels: Any) -> bytes:
    """A picture as a DICOM file."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    made = FileDataset("", {}, preamble=bytes(128), file_meta=meta)
    made.SOPClassUID, made.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    colour = pixels.ndim == 3
    made.SamplesPerPixel, made.PhotometricInterpretation = (3, "RGB") if colour else (1, "MONOCHROME2")
    if colour:
        made.PlanarConfiguration = 0
    made.Rows, made.Columns = pixels.shape[:2]
    bits = pixels.dtype.itemsize * 8
    made.BitsAllocated, made.BitsStored, made.HighBit = bits, bits, bits - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    made.PixelData = np.ascontiguousarray(pixels).tobytes()
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


Reader = Callable[[Any], list[str]]


def two_views(read: Reader) -> Reader:
    """An engine that gets two views."""
    return lambda pixels: [text for view in (whole_range, beside_neighbours) for text in read(seen_by(view, pixels))]


def seen_by(view: View, pixels: Any) -> Any:
    """All of a picture in a view."""
    scene = Scene(range(1), pixels)
    return view(scene, scene.whole)


def tesseract(picture: Any) -> list[str]:
    """What Tesseract reads in a picture, line by line."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    words = ["tesseract", "stdin", "stdout", "--psm", "11"]
    environment = {"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/usr/local/bin:/bin"}
    done = subprocess.run(words, input=stream.getvalue(), capture_output=True, check=True, env=environment)
    return done.stdout.decode("utf-8", "replace").splitlines()


def rapidocr() -> Reader | None:
    """The package that our networks are from, as it comes."""
    try:
        engine = importlib.import_module("rapidocr_onnxruntime").RapidOCR(
            intra_op_num_threads=1, inter_op_num_threads=1
        )
    except ImportError:
        return None
    return lambda picture: [row[1] for row in engine(picture)[0] or []]


def reads(text: str, found: Sequence[str], others: Sequence[str] = ()) -> bool:
    """Whether so many letters of a text in a row were read; capitals and signs do not matter.

    Runs that other strings of the same picture have too prove nothing.
    """
    plain = _plain(text)
    runs = {plain[i : i + RUN] for i in range(max(1, len(plain) - RUN + 1))}
    telling = [run for run in runs if not any(run in _plain(other) for other in others)]
    return any(run in _plain(one) for run in telling for one in found)


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def letters_left(planted: Planted, boxes: Sequence[Box]) -> int:
    """Letters of which more than half is outside the boxes."""

    def share(letter: Box) -> float:
        seen = np.ones((max(letter.height, 1), max(letter.width, 1)), bool)
        for box in boxes:
            top, left = max(box.top - letter.top, 0), max(box.left - letter.left, 0)
            seen[top : max(box.bottom - letter.top, 0), left : max(box.right - letter.left, 0)] = False
        return float(seen.mean())

    return sum(share(letter) > 0.5 for letter in planted.letters)


def processor() -> float:
    """Processor seconds of this process and of those it waited for."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


@dataclass(frozen=True)
class Cleaned:
    """A picture after a node has looked at it: what was read on the way, what was made black, the picture now."""

    texts: Sequence[str]
    boxes: Sequence[Box]
    pixels: Any
    kept: bool


def cleaned(pixels: Any, recogniser: Recogniser) -> Cleaned:
    """What a node makes of a picture."""
    texts: list[str] = []

    def listening(picture: Any) -> list[Found]:
        found = recogniser(picture)
        texts.extend(one.text for one in found)
        return found

    try:
        done = clean_file(as_file(pixels), listening)
    except MayShowText:
        return Cleaned(texts, (), pixels, kept=False)
    return Cleaned(texts, done.boxes, pydicom.dcmread(io.BytesIO(done.content)).pixel_array, kept=True)


def shown(part: int, whole: int) -> str:
    return f"{part:>5} of {whole:<5}{100 * part / max(whole, 1):6.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("ONCOMMONS_DATA", "data")))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if not can_recognise():
        raise SystemExit("Text recognition is not installed: pip install 'oncommons[ocr]'")
    recogniser = open_recogniser()  # in this process, so that its seconds are counted
    run(list(cases(options.seed, options.count, options.data)), recogniser, options.seed)


def run(every: Sequence[Case], recogniser: Recogniser, seed: int) -> None:
    """Measure and print."""
    peers: dict[str, Reader] = {}
    readers: dict[str, Reader] = {}
    package = rapidocr()
    if package is not None:
        peers["rapidocr, 1 pass"] = lambda pixels: package(seen_by(whole_range, pixels))
        readers["rapidocr, 2 views"] = two_views(package)
    if shutil.which("tesseract"):
        peers["tesseract, 1 pass"] = lambda pixels: tesseract(seen_by(whole_range, pixels))
        peers["tesseract, 2 views"] = readers["tesseract, 2 views"] = two_views(tesseract)
    seconds = dict.fromkeys(["oncommons", *peers], 0.0)
    rows: list[dict[str, Any]] = []
    false: list[tuple[str, int, float]] = []
    for case in every:
        found: dict[str, Sequence[str]] = {}
        for name, reader in peers.items():
            start = processor()
            found[name] = reader(case.pixels)
            seconds[name] += processor() - start
        start = processor()
        done = cleaned(case.pixels, recogniser)
        seconds["oncommons"] += processor() - start
        found["oncommons"] = done.texts
        after = {name: reader(done.pixels) for name, reader in readers.items()}
        rows += [_row(case, one, done, found, after) for one in case.planted]
        empty = cleaned(case.clean, recogniser)
        hidden = np.zeros(case.clean.shape[:2], bool)
        for box in empty.boxes:
            hidden[box.top : box.bottom, box.left : box.right] = True
        false.append((case.kind, len(empty.boxes), float(hidden.mean())))
        print(f"{len(false)} of {len(every)}", end="\r", flush=True)
    report(rows, false, {name: spent / len(every) for name, spent in seconds.items()}, seed)


def _row(case: Case, one: Planted, done: Cleaned, found: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    others = [other.text for other in case.planted if other is not one]
    return {
        "text": one.text,
        "kind": case.kind,
        "size": one.size,
        "contrast": one.contrast,
        "turn": one.turn,
        "kept": done.kept,
        "found": {name: reads(one.text, texts, others) for name, texts in found.items()},
        "after": {name: done.kept and reads(one.text, texts, others) for name, texts in after.items()},
        "left": letters_left(one, done.boxes) if done.kept else 0,
    }


def report(
    rows: Sequence[dict[str, Any]], false: Sequence[tuple[str, int, float]], seconds: dict[str, float], seed: int
) -> None:
    print(f"seed {seed}: {len(rows)} strings in {len(false)} pictures\n\nfound (processor seconds a picture)")
    for name, spent in seconds.items():
        print(f"  {name:<20}{shown(sum(r['found'][name] for r in rows), len(rows))}   {spent:6.2f} s")
    for what in ("kind", "size", "contrast", "turn"):
        values = sorted({r[what] for r in rows}, key=str)
        shares = {v: [r["found"]["oncommons"] for r in rows if r[what] == v] for v in values}
        print(
            f"  oncommons by {what}: "
            + ", ".join(f"{v} {100 * np.mean(s):.0f} % of {len(s)}" for v, s in shares.items())
        )
    print("\nafter it was made black")
    for name in rows[0]["after"]:
        print(f"  read by {name:<20}{shown(sum(r['after'][name] for r in rows), len(rows))}")
    print(f"  any letter left     {shown(sum(r['left'] > 0 for r in rows), len(rows))}")
    print(f"  {RUN} letters or more  {shown(sum(r['left'] >= RUN for r in rows), len(rows))}")
    print(f"  not kept            {shown(sum(not r['kept'] for r in rows), len(rows))}")
    print("\nimages without strings")
    print(f"  with a false box    {shown(sum(n > 0 for _, n, _ in false), len(false))}")
    print(f"  of their area       {100 * np.mean([share for _, _, share in false]):.2f} % black")
    print(json.dumps([r for r in rows if r["left"] or not r["found"]["oncommons"] or any(r["after"].values())]))


if __name__ == "__main__":
    main()

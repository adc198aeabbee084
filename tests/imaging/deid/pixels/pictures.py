"""Pictures with text in them, as arrays and as files, and a reader that is no recogniser."""

import io
from functools import lru_cache

import numpy as np
import pydicom
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, UltrasoundMultiFrameImageStorage

from oncommons.imaging.deid.pixels.components import boxes_of
from oncommons.imaging.deid.pixels.found import Found
from oncommons.imaging.deid.pixels.frames import open_stack
from oncommons.imaging.deid.pixels.views import Scene
from oncommons.imaging.elements import read_elements
from oncommons.imaging.syntax import open_file

NAME = "Quackenbush Zebediah"
FILM = UltrasoundMultiFrameImageStorage
WHITE = 255


@lru_cache
def letters(text, size):
    """Text as ink from 0 to 255."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = (int(n) for n in font.getbbox(text))
    canvas = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, font=font, fill=WHITE)
    return np.asarray(canvas)


def anatomy(rows=120, columns=320, seed=1):
    """Soft grey hills, as tissue is, of 8 bits."""
    rng = np.random.default_rng(seed)
    hills = np.asarray(Image.fromarray(rng.integers(20, 90, (6, 16), np.uint8)).resize((columns, rows), Image.BICUBIC))
    return hills.copy()


def with_text(pixels, text=NAME, at=(20, 40), size=18):
    """A picture with white text."""
    ink = letters(text, size)
    made = pixels.copy()
    there = made[at[0] : at[0] + ink.shape[0], at[1] : at[1] + ink.shape[1]]
    shown = ink if made.ndim == 2 else ink[..., None]
    there[:] = np.maximum(there, (shown / WHITE * np.iinfo(pixels.dtype).max).astype(pixels.dtype))
    return made


def with_blocks(pixels, *places, size=(10, 60)):
    """A picture with white blocks, which :func:`blocks` takes for text."""
    made = pixels.copy()
    for top, left in places:
        made[..., top : top + size[0], left : left + size[1]] = WHITE
    return made


def blocks(picture):
    """Finds blocks that are white from edge to edge, and calls them a name."""
    white = (picture if picture.ndim == 2 else picture.max(axis=-1)) == WHITE
    full = [box for box in boxes_of(white) if white[box.top : box.bottom, box.left : box.right].all()]
    return [Found(box, "Quackenbush", 0.99) for box in full if box.line > 20]


def nothing(_):
    """Finds nothing."""
    return []


def capture(pixels, sop_class=SecondaryCaptureImageStorage, photometric=None, **more):
    """A data set of pydicom with pixels: (rows, columns), (rows, columns, 3) or (frames, rows, columns)."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, "1.2.3"
    made = FileDataset("", {}, preamble=bytes(128), file_meta=meta)
    made.SOPClassUID, made.SOPInstanceUID, made.Modality = sop_class, "1.2.3", "OT"
    colour = pixels.ndim > 2 and pixels.shape[-1] == 3
    made.SamplesPerPixel = 3 if colour else 1
    made.PhotometricInterpretation = photometric or ("RGB" if colour else "MONOCHROME2")
    if colour:
        made.PlanarConfiguration = 0
    if pixels.ndim - colour == 3:
        made.NumberOfFrames = pixels.shape[0]
    made.Rows, made.Columns = pixels.shape[-3:-1] if colour else pixels.shape[-2:]
    bits = pixels.dtype.itemsize * 8
    made.BitsAllocated, made.BitsStored, made.HighBit = bits, bits, bits - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    made.PixelData = np.ascontiguousarray(pixels).tobytes()
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


def saved(dataset):
    """A data set of pydicom as a file."""
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def seen(content):
    """What pydicom sees in a file."""
    return pydicom.dcmread(io.BytesIO(content))


def seen_by(view, pixels):
    """All of a picture in a view."""
    scene = Scene(range(1), pixels)
    return view(scene, scene.whole)


def opened(content):
    """A file, its data set and its frames, as the product has them."""
    one = open_file(content)
    dataset = read_elements(one)
    return one, dataset, open_stack(dataset, one.syntax.decode())

"""Attributes that a node tells of each kept image: for its index, its checks and its DICOMweb service.

Names and tags are those of PS3.6; values are told as text, the parts of a multiple value joined by a backslash.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import repeat
from struct import unpack_from
from types import MappingProxyType

from oncommons.imaging.dictionary import vr_of

ATTRIBUTES: Mapping[str, int] = MappingProxyType(
    {
        "ImageType": 0x00080008,
        "SOPClassUID": 0x00080016,
        "SOPInstanceUID": 0x00080018,
        "StudyDate": 0x00080020,
        "SeriesDate": 0x00080021,
        "AcquisitionDate": 0x00080022,
        "ContentDate": 0x00080023,
        "AcquisitionDateTime": 0x0008002A,
        "StudyTime": 0x00080030,
        "SeriesTime": 0x00080031,
        "AcquisitionTime": 0x00080032,
        "ContentTime": 0x00080033,
        "Modality": 0x00080060,
        "ConversionType": 0x00080064,
        "Manufacturer": 0x00080070,
        "StudyDescription": 0x00081030,
        "SeriesDescription": 0x0008103E,
        "ManufacturerModelName": 0x00081090,
        "PatientName": 0x00100010,
        "PatientID": 0x00100020,
        "PatientSex": 0x00100040,
        "PatientAge": 0x00101010,
        "PatientSize": 0x00101020,
        "PatientWeight": 0x00101030,
        "ContrastBolusAgent": 0x00180010,
        "BodyPartExamined": 0x00180015,
        "ScanningSequence": 0x00180020,
        "SequenceVariant": 0x00180021,
        "MRAcquisitionType": 0x00180023,
        "SliceThickness": 0x00180050,
        "KVP": 0x00180060,
        "RepetitionTime": 0x00180080,
        "EchoTime": 0x00180081,
        "InversionTime": 0x00180082,
        "EchoNumbers": 0x00180086,
        "MagneticFieldStrength": 0x00180087,
        "SpacingBetweenSlices": 0x00180088,
        "ProtocolName": 0x00181030,
        "TriggerTime": 0x00181060,
        "FlipAngle": 0x00181314,
        "ConvolutionKernel": 0x00181210,
        "DiffusionBValue": 0x00189087,
        "StudyInstanceUID": 0x0020000D,
        "SeriesInstanceUID": 0x0020000E,
        "StudyID": 0x00200010,
        "SeriesNumber": 0x00200011,
        "AcquisitionNumber": 0x00200012,
        "InstanceNumber": 0x00200013,
        "ImagePositionPatient": 0x00200032,
        "ImageOrientationPatient": 0x00200037,
        "FrameOfReferenceUID": 0x00200052,
        "Laterality": 0x00200060,
        "ImageLaterality": 0x00200062,
        "TemporalPositionIdentifier": 0x00200100,
        "SliceLocation": 0x00201041,
        "SamplesPerPixel": 0x00280002,
        "PhotometricInterpretation": 0x00280004,
        "NumberOfFrames": 0x00280008,
        "Rows": 0x00280010,
        "Columns": 0x00280011,
        "PixelSpacing": 0x00280030,
        "BitsAllocated": 0x00280100,
        "BitsStored": 0x00280101,
        "PixelRepresentation": 0x00280103,
        "BurnedInAnnotation": 0x00280301,
        "RecognizableVisualFeatures": 0x00280302,
        "Units": 0x00541001,
        "DecayCorrection": 0x00541102,
    },
)
"""Keyword to tag; all are of the top level of an object."""
TAGS = frozenset(ATTRIBUTES.values())
_NUMBERS: Mapping[str, tuple[str, int]] = MappingProxyType({"US": ("H", 2), "SS": ("h", 2), "FD": ("d", 8)})
_FORMS: Mapping[int, tuple[str, tuple[str, int] | None]] = MappingProxyType(
    {tag: (f"{tag:08X}", _NUMBERS.get(vr_of(tag))) for tag in TAGS}
)
"""Tag to how it is written, and how its numbers are."""
_KEYS: Mapping[int, str] = {tag: key for tag, (key, _) in _FORMS.items()}
_LONGEST_REMEMBERED = 256


def told(values: Mapping[int, bytes], *, big: bool = False) -> dict[str, str]:
    """Values as text, by tag in eight hexadecimal digits; empty ones are left out.

    Args:
        values: Tag to value as it stands in the object.
        big: Whether numbers are written with the most significant byte first.
    """
    text = _remembered if max(map(len, values.values()), default=0) <= _LONGEST_REMEMBERED else _text
    texts = map(text, values, values.values(), repeat(big))
    return {key: text for key, text in zip(map(_KEYS.__getitem__, values), texts, strict=True) if text}


def text_of(tag: int, value: bytes, *, big: bool = False) -> str:
    """One value as text.

    Args:
        tag: One of :data:`TAGS`.
        value: As it stands in the object.
        big: Whether numbers are written with the most significant byte first.
    """
    return _remembered(tag, value, big) if len(value) <= _LONGEST_REMEMBERED else _text(tag, value, big)


def _text(tag: int, value: bytes, big: bool) -> str:  # noqa: FBT001
    kind = _FORMS[tag][1]
    return value.decode("latin-1").strip("\0 ") if kind is None else _numbers(value, kind, big=big)


_remembered = lru_cache(maxsize=4096)(_text)
"""The images of a series have most values in common."""


def _numbers(value: bytes, kind: tuple[str, int], *, big: bool) -> str:
    letter, size = kind
    numbers = unpack_from(f"{'>' if big else '<'}{len(value) // size}{letter}", value)
    return "\\".join(f"{number:.17g}" if letter == "d" else str(number) for number in numbers)

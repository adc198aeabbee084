"""Attributes that can be searched for and given in answers, and the level they belong to (PS3.18 tables 10.6.3-3 to -5).

An attribute that is not here is not searched for: a search that names it is refused, never answered without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from oncommons.imaging.dictionary import vr_of


class Level(IntEnum):
    """Levels of what is kept, the widest first."""

    STUDY = 1
    SERIES = 2
    INSTANCE = 3


@dataclass(frozen=True)
class Field:
    """An attribute of answers.

    Attributes:
        tag: In 8 hexadecimal digits.
        keyword: Its name (PS3.6).
        level: What it says something about.
        required: Whether every answer of its level has it, empty where it is not known.
        vr: Its value representation.
    """

    tag: str
    keyword: str
    level: Level
    required: bool
    vr: str


_TABLE = """
study    00080020 StudyDate *
study    00080030 StudyTime *
study    00080050 AccessionNumber *
study    00080056 InstanceAvailability *
study    00080061 ModalitiesInStudy *
study    00080090 ReferringPhysicianName *
study    00081030 StudyDescription
study    00081190 RetrieveURL *
study    00100010 PatientName *
study    00100020 PatientID *
study    00100030 PatientBirthDate *
study    00100040 PatientSex *
study    00101010 PatientAge
study    00101020 PatientSize
study    00101030 PatientWeight
study    0020000D StudyInstanceUID *
study    00200010 StudyID *
study    00201206 NumberOfStudyRelatedSeries *
study    00201208 NumberOfStudyRelatedInstances *
series   00080021 SeriesDate
series   00080031 SeriesTime
series   00080060 Modality *
series   00080070 Manufacturer
series   0008103E SeriesDescription *
series   00081090 ManufacturerModelName
series   00180015 BodyPartExamined
series   00180050 SliceThickness
series   00180060 KVP
series   00180087 MagneticFieldStrength
series   00181030 ProtocolName
series   0020000E SeriesInstanceUID *
series   00200011 SeriesNumber *
series   00200052 FrameOfReferenceUID
series   00200060 Laterality
series   00201209 NumberOfSeriesRelatedInstances *
series   00541001 Units
instance 00080008 ImageType
instance 00080016 SOPClassUID *
instance 00080018 SOPInstanceUID *
instance 00080022 AcquisitionDate
instance 00080023 ContentDate
instance 00080032 AcquisitionTime
instance 00080033 ContentTime
instance 00083002 AvailableTransferSyntaxUID
instance 00180010 ContrastBolusAgent
instance 00180080 RepetitionTime
instance 00180081 EchoTime
instance 00180082 InversionTime
instance 00180088 SpacingBetweenSlices
instance 00200012 AcquisitionNumber
instance 00200013 InstanceNumber *
instance 00200032 ImagePositionPatient
instance 00200037 ImageOrientationPatient
instance 00200062 ImageLaterality
instance 00201041 SliceLocation
instance 00280002 SamplesPerPixel
instance 00280004 PhotometricInterpretation
instance 00280008 NumberOfFrames
instance 00280010 Rows
instance 00280011 Columns
instance 00280030 PixelSpacing
instance 00280100 BitsAllocated
instance 00280101 BitsStored
"""


def _read(line: str) -> Field:
    level, tag, keyword, *required = line.split()
    return Field(tag, keyword, Level[level.upper()], bool(required), vr_of(int(tag, 16)))


FIELDS: Mapping[str, Field] = MappingProxyType({f.tag: f for f in map(_read, _TABLE.strip().splitlines())})
"""By tag, in order of level and tag."""
BY_NAME: Mapping[str, Field] = MappingProxyType(dict(FIELDS) | {f.keyword: f for f in FIELDS.values()})
"""By tag and by keyword."""

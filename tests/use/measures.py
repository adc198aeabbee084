"""What is still there after de-identification, measured on pairs of objects read by pydicom; shares no code with it."""

import csv
import math
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

HALF = math.log(2)
OWN = Path(__file__).with_name("research.csv")
CONTOUR = "ContourData"


@dataclass(frozen=True)
class Attribute:
    """A research attribute: its path of keywords, how it must be kept, and why it is needed."""

    path: str
    way: str
    why: str


def attributes():
    """The table of research attributes."""
    with OWN.open(encoding="utf-8") as table:
        return [Attribute(*row.values()) for row in csv.DictReader(table)]


def read(place):
    """An object as pydicom reads it, but for what :func:`contours` reads; its complaints about odd values are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = pydicom.dcmread(place, force=True)
        for contour in _contours(one):
            del contour[CONTOUR]
        one.walk(lambda *_: None)
    return one


def values_at(one, path):
    """The values at a path, of every item of the sequences on the way, as text."""
    first, _, rest = path.partition(".")
    if first not in one:
        return []
    found = one[first].value
    if rest:
        return [value for item in found for value in values_at(item, rest)]
    if found is None or found == "" or (isinstance(found, Dataset | list) and not found):
        return []
    return ["\\".join(str(part).strip() for part in found) if one[first].VM > 1 else str(found).strip()]


def days_between(before, after):
    """How many days lie between two dates or dates with times; ``None`` if one is none, or the time is not the same."""
    if before[8:] != after[8:]:
        return None
    try:
        return (datetime.strptime(before[:8], "%Y%m%d") - datetime.strptime(after[:8], "%Y%m%d")).days  # noqa: DTZ007
    except ValueError:
        return None


def kept(attribute, before, after, days):
    """Whether a research attribute is kept; ``None`` where there was none.

    Args:
        attribute: Of the table.
        before: The object as it came.
        after: As it is kept.
        days: How many days the dates of this patient were moved.
    """
    were, are = values_at(before, attribute.path), values_at(after, attribute.path)
    if not any(were):
        return None
    if len(were) != len(are):
        return False
    if attribute.way == "moved":
        return all(days_between(w, a) == days for w, a in zip(were, are, strict=True))
    if attribute.way == "replaced":
        return all(are)
    return were == are


def dates(one):
    """Every date and date with time at every depth, in order."""
    found = []
    for element in one.iterall():
        if element.VR in {"DA", "DT"} and element.value:
            found += element.value if element.VM > 1 else [element.value]
    return [str(value) for value in found]


def moved_by(before, after):
    """By how many days the study date was moved."""
    return days_between(str(before.get("StudyDate", "")), str(after.get("StudyDate", "")))


def _seconds(text):
    hours, minutes, seconds = text[:2], text[2:4] or "0", text[4:] or "0"
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def suv_factor(one):
    """Factor from Bq/ml to SUV by body weight (QIBA FDG-PET/CT); ``None`` where it is unknown.

    Decay is counted from the injection to the start of the scan: the series' time, or the acquisition's where the
    series is said to be later or of another day.
    """
    try:
        dose = one.RadiopharmaceuticalInformationSequence[0]
        injected = _seconds(str(dose.RadiopharmaceuticalStartTime))
        series, acquired = _seconds(str(one.SeriesTime)), _seconds(str(one.AcquisitionTime))
        scan = series if str(one.SeriesDate) == str(one.AcquisitionDate) and series <= acquired else acquired
        activity, half_life = float(dose.RadionuclideTotalDose), float(dose.RadionuclideHalfLife)
        return float(one.PatientWeight) * 1000 / (activity * math.exp(-HALF * (scan - injected) / half_life))
    except (AttributeError, IndexError, ValueError, TypeError, ZeroDivisionError):
        return None


def references(one):
    """Every UID of another object, series, study or space, in order; its own and those of the standard are left out."""
    own = {str(one.get(name, "")) for name in ("SOPInstanceUID", "InstanceCreatorUID")}
    found = []
    for item in (item for element in one for item in (element.value if element.VR == "SQ" else [])):
        for element in item.iterall():
            if element.VR == "UI" and element.keyword != "ReferencedSOPClassUID":
                found += [str(uid) for uid in (element.value if element.VM > 1 else [element.value])]
    return [uid for uid in found if uid not in own and not uid.startswith("1.2.840.10008.")]


def contours(place):
    """The bytes of every contour of a file, in order; not one of them decoded."""
    return [contour.get_item(CONTOUR).value for contour in _contours(pydicom.dcmread(place, force=True))]


def _contours(one):
    """The items that hold a contour, in order."""
    shown = (contour for roi in one.get("ROIContourSequence", []) for contour in roi.get("ContourSequence", []))
    return [contour for contour in shown if CONTOUR in contour]


def words(one):
    """Words of the descriptions, in small letters, how often each."""
    texts = (str(one.get(name, "")) for name in ("StudyDescription", "SeriesDescription", "ProtocolName"))
    return Counter(word for text in texts for word in "".join(c if c.isalnum() else " " for c in text).lower().split())

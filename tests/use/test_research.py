"""Research can still be done with what is kept, on real data; the measures read both sides with pydicom."""

from pathlib import Path

import pydicom
import pytest
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from tests.data import data
from tests.imaging.files import KEYS, file, read, sample
from tests.odd.damaged import elements
from tests.use.measures import attributes, kept
from tests.use.tally import tally
from tests.use.validity import PROGRAM, new_errors

from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.schema.errors import ImageError

SAMPLES = ("CT_small.dcm", "MR_small.dcm", "liver_1frame.dcm", "eCT_Supplemental.dcm", "rtdose.dcm", "rtplan.dcm")
VALUES = {"CS": "AXIAL", "SH": "B30f", "LO": "STANDARD", "DS": "5", "IS": "3", "TM": "101500", "AS": "061Y", "US": 3}
VALUES |= {"DA": "20200301", "DT": "20200301101500", "UI": "1.2.3.4", "FD": 1.5, "UL": 3, "UC": "AXIAL", "ST": "AXIAL"}
CODED = {"CodeValue": "85756007", "CodingSchemeDesignator": "SCT", "CodeMeaning": "Tissue"}
ITSELF = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.4", "Modality": "MR", "NumberOfFrames": 1}
EVERY = 8
"""Of so many images one is looked at, of PET one of three, and all contours; ``benchmarks/use.py`` looks at all."""


def cleaned(places, folder):
    """Pairs of a file and what is kept of it; those that wait for a person are left out."""
    for number, place in enumerate(places):
        try:
            content = deidentify(place.read_bytes(), CANCER_RESEARCH, KEYS).content
        except ImageError:
            continue
        (folder / f"{number}.dcm").write_bytes(content)
        yield place, folder / f"{number}.dcm"


@pytest.fixture(scope="module")
def sarcoma(tmp_path_factory):
    places = sorted(data("sts").rglob("*.dcm"))
    chosen = [
        p for n, p in enumerate(places) if not n % EVERY or ("PET" in p.parts and not n % 3) or p.name.startswith("RS")
    ]
    return list(cleaned(chosen, tmp_path_factory.mktemp("sarcoma")))


@pytest.fixture(scope="module")
def told(sarcoma):
    return tally(sarcoma)


@pytest.mark.timeout(600)
def test_nearly_all_research_attributes_are_kept(told):
    lost = {path: pair for path, pair in told.attributes.items() if pair[0] < pair[1]}
    assert told.share >= 0.99, lost
    assert len(told.attributes) > 50


def test_uptake_is_the_same_on_every_pet_image(told):
    assert told.suv[0] == told.suv[1] > 200


def test_every_reference_and_contour_and_pixel_is_as_it_was(told):
    assert told.references[0] == told.references[1] > 5000
    assert len(set(told.renamed.values())) == len(told.renamed)
    assert told.contours[0] == told.contours[1] > 500
    assert told.pixels[0] == told.pixels[1] > 300


def test_all_dates_of_a_patient_are_moved_by_the_same_days(told):
    assert told.patients == [12, 12]


@pytest.mark.skipif(PROGRAM is None, reason="dciodvfy of Debian's dicom3tools is not here")
def test_no_file_has_errors_that_it_did_not_have(sarcoma, tmp_path):
    samples = [Path(pydicom.data.get_testdata_file(name, download=False)) for name in SAMPLES]
    pairs = [*sarcoma[::25], *(p for p in sarcoma if p[0].name.startswith("RS")), *cleaned(samples, tmp_path)]
    assert {before.name: found for before, after in pairs if (found := new_errors(before, after))} == {}


@pytest.mark.parametrize("attribute", attributes(), ids=lambda attribute: attribute.path)
def test_every_research_attribute_is_kept_where_it_is(attribute):
    def filled(path):
        first, _, rest = path.partition(".")
        one = Dataset()
        if first in CODED:
            for name, value in CODED.items():
                setattr(one, name, value)
        else:
            kind = dictionary_VR(first).split(" or ")[0]
            setattr(one, first, [filled(rest)] if rest else ITSELF.get(first, VALUES[kind]))
        return one

    before = read(file(elements()))
    before.update(filled(attribute.path))
    raw = pydicom.filebase.DicomBytesIO()
    before.save_as(raw)
    after = read(deidentify(raw.getvalue(), CANCER_RESEARCH, KEYS, looked=True).content)
    days = KEYS.days(b"MRN-778812")
    assert kept(attribute, before, after, days)


@pytest.mark.parametrize("name", ["liver_1frame.dcm", "eCT_Supplemental.dcm"])
def test_frames_of_enhanced_images_and_segmentations_keep_their_geometry(name):
    before, after = read(sample(name)), read(deidentify(sample(name), CANCER_RESEARCH, KEYS).content)
    for group in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        assert len(before[group].value) == len(after[group].value)
    geometry = [
        a for a in attributes() if "PlanePosition" in a.path or "PixelMeasures" in a.path or "PlaneOrient" in a.path
    ]
    assert [kept(a, before, after, 0) for a in geometry].count(True) >= 3

"""Whole files, real ones too: nothing of the patient is left, and everything that research needs is."""

from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pydicom
import pytest
from tests.data import DATA
from tests.imaging.deid.pixels.pictures import anatomy, blocks, capture, nothing, saved, with_blocks
from tests.imaging.files import CT, KEYS, SYNTAXES, OnDisk, file, image, read, sample, values

from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.pixels.found import Box, Found
from oncommons.imaging.deid.private import safe_private
from oncommons.imaging.deid.rules import CANCER_RESEARCH, Profile, annex_e
from oncommons.imaging.dictionary import vr_of
from oncommons.schema.errors import DamagedImage, ImageError, MayShowText, StillIdentifies, UnknownKind
from oncommons.schema.errors_of_pixels import DocumentInside, ShowsFace, UnreadablePixels

SAMPLES = [
    "CT_small.dcm",
    "MR_small.dcm",
    "MR_small_implicit.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_padded.dcm",
    "MR_small_RLE.dcm",
    "rtplan.dcm",
    "rtdose.dcm",
]
STANDARD = "1.2.840.10008."
TEXTS = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}


def cleaned(raw, profile=CANCER_RESEARCH):
    return deidentify(raw, profile, KEYS)


def mapped(uid):
    """What becomes of a UID."""
    return uid if uid.startswith(STANDARD) else KEYS.uid(uid.encode()).decode()


def dicom_files(patient, kind, folder="image"):
    return sorted((DATA / "sts" / patient / kind / folder).glob("*.dcm"))


def patients():
    return sorted(p.name for p in (DATA / "sts").glob("STS_*"))


real = pytest.mark.skipif(not patients(), reason="the folder named by ONCOMMONS_DATA has no sts with real images")


@pytest.mark.parametrize("name", SAMPLES)
def test_every_uid_of_a_real_file_is_replaced_by_its_own(name):
    raw = sample(name)
    old, new = read(raw), read(cleaned(raw).content)
    for element in new.iterall():
        if element.VR == "UI" and element.value and element.tag in old:
            assert str(element.value) in {mapped(u) for u in values(old, "UI")}
    originals = {u for u in values(old, "UI") if not u.startswith(STANDARD)}
    assert originals.isdisjoint(values(new, "UI"))
    assert new.SOPInstanceUID == new.file_meta.MediaStorageSOPInstanceUID == mapped(old.SOPInstanceUID)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_identifier_of_a_real_file_is_left_in_its_bytes(name):
    raw = sample(name)
    old, content = read(raw), cleaned(raw).content
    told = [old.PatientID, old.get("PatientBirthDate"), old.get("AccessionNumber"), old.get("InstitutionName")]
    told += [part for name in values(old, "PN") for part in name.split("^") if len(part) > 3]
    told += [u for u in values(old, "UI") if not u.startswith(STANDARD)]
    for value in filter(None, told):
        assert str(value).encode() not in content


@pytest.mark.parametrize("name", SAMPLES)
def test_pixels_and_geometry_of_a_real_file_stay(name):
    raw = sample(name)
    old, new = read(raw), read(cleaned(raw).content)
    for keyword in ("PixelData", "Rows", "Columns", "PixelSpacing", "ImagePositionPatient", "RescaleSlope", "Modality"):
        assert new.get(keyword) == old.get(keyword)
    tags = [e.tag for e in new]
    assert tags == sorted(tags)
    for element in new.iterall():
        if element.tag.is_private and not element.tag.is_private_creator:
            assert (element.tag.group, element.tag.element & 0xFF, element.private_creator.encode()) in safe_private()


@pytest.mark.parametrize("name", [*SAMPLES, "MR_small_jpeg_ls_lossless.dcm", "rtstruct.dcm"])
def test_a_file_that_is_read_where_it_is_cut_gives_the_same_bytes(name):
    raw = sample(name)
    assert cleaned(OnDisk(raw)).content == cleaned(raw).content


@pytest.mark.parametrize("name", SAMPLES)
def test_cleaning_twice_or_again_gives_the_same_bytes(name):
    assert cleaned(sample(name)).content == cleaned(sample(name)).content


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_an_object_is_told_by_its_new_identifiers(syntax):
    done = cleaned(file(image((0x00101010, "AS", "099Y")), syntax))
    new = read(done.content)
    assert (done.sop, done.series, done.study) == (new.SOPInstanceUID, new.SeriesInstanceUID, new.StudyInstanceUID)
    assert done.patient == new.PatientID
    assert done.facts == {"modality": "CT", "manufacturer": "SIEMENS", "sex": "F", "age": "090Y", "body_part": ""}


def test_the_index_is_told_nothing_that_the_file_no_longer_says():
    done = cleaned(file(image((0x00080070, "LO", "Zebediah"), (0x00180015, "CS", "MRN-778812"))))
    assert (done.facts["manufacturer"], done.facts["body_part"]) == ("", "")


def test_the_index_is_told_nothing_of_a_sequence_in_the_place_of_a_text():
    done = cleaned(file(image((0x00180015, "SQ", [[(0x00100010, "PN", "Quackenbush^Zebediah")]]))))
    assert done.facts["body_part"] == ""


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ((0x00280301, "CS", "YES"), MayShowText),
        ((0x00080060, "CS", "US"), MayShowText),
        ((0x00080060, "CS", "SC"), MayShowText),
        ((0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7"), MayShowText),
        ((0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7.4"), MayShowText),
        ((0x00080008, "CS", "DERIVED\\SECONDARY\\SCREEN SAVE"), MayShowText),
        ((0x00080060, "CS", "HANGINGPROTOCOL"), UnknownKind),
        ((0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.104.1"), DocumentInside),
        ((0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.9.4.2"), DocumentInside),
        ((0x00080060, "CS", ""), UnknownKind),
        ((0x00080018, "UI", ""), DamagedImage),
        ((0x00080018, "LO", "1.2.3.4"), DamagedImage),
        ((0x0020000D, "UI", ""), DamagedImage),
        ((0x0020000E, "UI", ""), DamagedImage),
        ((0x00100020, "LO", ""), DamagedImage),
        ((0x00100020, "SQ", []), DamagedImage),
    ],
)
def test_what_may_not_be_kept_is_refused(more, refused):
    with pytest.raises(refused):
        cleaned(file(image(more)))


@pytest.mark.parametrize("name", ["US1_J2KR.dcm", "SC_rgb.dcm"])
def test_real_captures_and_ultrasound_are_refused(name):
    with pytest.raises(ImageError):
        cleaned(sample(name))


def test_a_private_sop_class_does_not_carry_a_name():
    with_name = cleaned(file(image((0x00080016, "UI", "1.2.840.10008.Zebediah")))).content
    assert b"Zebediah" not in with_name


@pytest.mark.parametrize("options", [(), ("uids",), ("dates",), ("institution",)])
def test_another_profile_keeps_what_its_options_say(options):
    new = read(cleaned(file(image((0x00080080, "LO", "General"))), Profile("some", frozenset(options))).content)
    assert (new.SOPInstanceUID == "1.2.3.4.5.6") == ("uids" in options)
    assert (new.StudyDate == "20040119") == ("dates" in options)
    assert (new.InstitutionName == "General") == ("institution" in options)


def canaries(depth):
    """An image with a text of its own in every attribute of Table E.1-1 that can hold one, so deep in sequences."""
    texts = {t: f"QZ{t:08X}VK" for t in annex_e() if t >> 16 > 2 and vr_of(t) in TEXTS}
    skipped = {0x00100020, 0x00100010} if not depth else set()
    planted = [(t, vr_of(t), text) for t, text in texts.items() if t not in skipped]
    for _ in range(depth):
        planted = [(0x00081140, "SQ", [planted])]
    return texts, file(image(*planted))


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_no_text_of_table_e_1_1_is_left(depth):
    texts, raw = canaries(depth)
    content = cleaned(raw).content
    assert {tag for tag, text in texts.items() if text.encode() in content} == set()


def test_of_one_device_the_pseudonym_is_the_same():
    first, second = (read(cleaned(file(image((0x00181000, "LO", number)))).content) for number in ("12345 ", "12345"))
    other = read(cleaned(file(image((0x00181000, "LO", "67890")))).content)
    assert first.DeviceSerialNumber == second.DeviceSerialNumber
    assert other.DeviceSerialNumber not in {first.DeviceSerialNumber, "67890", ""}


def contours(structures):
    """The images that contours refer to, in their order, and the contours' numbers."""
    found = [c for roi in structures.ROIContourSequence for c in roi.ContourSequence]
    images = [i.ReferencedSOPInstanceUID for c in found for i in c.get("ContourImageSequence", [])]
    return images, [c.ContourData for c in found]


@real
@pytest.mark.parametrize("patient", patients()[:3])
@pytest.mark.parametrize("kind", ["CT", "PET", "MR_T1"])
def test_real_contours_stay_and_refer_to_the_images_that_they_referred_to(patient, kind):
    """In these data, which were resampled, contours refer to images that are not among them, before and after."""
    raws = [path.read_bytes() for path in dicom_files(patient, kind)]
    before = {read(raw).SOPInstanceUID for raw in raws}
    after = {cleaned(raw).sop for raw in raws}
    assert after == {mapped(uid) for uid in before}
    for path in dicom_files(patient, kind, "mask"):
        raw = path.read_bytes()
        (old, numbers), (new, same) = contours(read(raw)), contours(read(cleaned(raw).content))
        assert numbers == same
        assert new == [mapped(uid) for uid in old]
        assert {mapped(uid) for uid in before & set(old)} == after & set(new)


@real
@pytest.mark.parametrize("patient", patients()[:4])
def test_what_uptake_values_need_stays(patient):
    for path in dicom_files(patient, "PET")[::20]:
        raw = path.read_bytes()
        old, new = read(raw), read(cleaned(raw).content)
        for keyword in (
            "PatientWeight",
            "DecayCorrection",
            "Units",
            "SeriesTime",
            "AcquisitionTime",
            "RescaleSlope",
            "RescaleIntercept",
            "CorrectedImage",
            "ActualFrameDuration",
            "PixelData",
        ):
            assert new.get(keyword) == old.get(keyword), keyword
        for before, after in zip(
            old.get("RadiopharmaceuticalInformationSequence", []),
            new.get("RadiopharmaceuticalInformationSequence", []),
            strict=True,
        ):
            for keyword in ("RadiopharmaceuticalStartTime", "RadionuclideTotalDose", "RadionuclideHalfLife"):
                assert after.get(keyword) == before.get(keyword), keyword


@real
@pytest.mark.parametrize("patient", patients())
def test_nothing_of_a_real_patient_is_left_and_series_stay_together(patient):
    pairs = []
    for kind in ("CT", "PET", "MR_T1"):
        for path in (*dicom_files(patient, kind)[::40], *dicom_files(patient, kind, "mask")):
            raw = path.read_bytes()
            old, done = read(raw), cleaned(raw)
            assert old.PatientID.encode() not in done.content
            assert all(u.encode() not in done.content for u in values(old, "UI") if not u.startswith(STANDARD))
            pairs.append((old.StudyInstanceUID, old.SeriesInstanceUID, done.study, done.series, done.patient))
    assert len({p[4] for p in pairs}) == 1
    assert len({p[:2] for p in pairs}) == len({p[2:4] for p in pairs}) == len({p[:4] for p in pairs})
    for _, same in groupby(sorted(pairs), key=lambda p: p[0]):
        assert len({p[2] for p in same}) == 1


def test_every_sample_of_pydicom_is_cleaned_or_refused():
    done = 0
    for path in Path(pydicom.data.data_manager.DATA_ROOT, "test_files").glob("*.dcm"):
        try:
            content = cleaned(path.read_bytes()).content
        except ImageError:
            continue
        done += 1
        assert read(content).PatientIdentityRemoved == "YES"
    assert done >= 10


def test_the_local_detail_names_what_was_left_and_the_message_does_not():
    with pytest.raises(StillIdentifies) as refused:
        cleaned(file(image((0x7FE00010, "OW", b"ZEBEDIAH" * 4))))
    assert refused.value.detail == "zebediah"
    assert CT.decode() not in refused.value.message


def looked_at(raw, recogniser, **more):
    return deidentify(raw, CANCER_RESEARCH, KEYS, recogniser=recogniser, **more)


def named(**more):
    """An ultrasound image of a patient with a block that stands for a name."""
    pixels = with_blocks(anatomy(), (20, 30))
    more = {"PatientID": "4711", "StudyInstanceUID": "1.2.4", "SeriesInstanceUID": "1.2.5", "Modality": "US"} | more
    return pixels, saved(capture(pixels, sop_class="1.2.840.10008.5.1.4.1.1.6.1", **more))


def test_what_is_burned_into_a_suspect_is_made_black_where_text_can_be_recognised():
    before, raw = named()
    done = looked_at(raw, blocks)
    new = read(done.content)
    assert (new.pixel_array[20:30, 30:90] == before.min()).all()
    assert new.BurnedInAnnotation == done.attributes["00280301"] == "NO"
    assert [item.CodeValue for item in new.DeidentificationMethodCodeSequence][-1] == "113101"
    assert done.attributes["00280004"] == new.PhotometricInterpretation
    assert (done.sop, done.patient) == (new.SOPInstanceUID, new.PatientID)


def test_without_recognition_the_reason_names_what_to_install():
    with pytest.raises(MayShowText, match=r"since it is an ultrasound image; pip install 'oncommons\[ocr\]'"):
        cleaned(named()[1])


def test_what_a_person_has_looked_at_is_not_looked_at_again():
    before, raw = named()
    assert read(looked_at(raw, blocks, looked=True).content).pixel_array.tolist() == before.tolist()


def never(_):
    raise AssertionError


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "rtdose.dcm", "rtplan.dcm"])
def test_slices_and_plans_are_never_looked_at(name):
    assert looked_at(sample(name), never).content == cleaned(sample(name)).content


@pytest.mark.parametrize("modality", ["XC", "GM", "SM", "OP"])
def test_photographs_wait_for_a_person_even_where_text_can_be_recognised(modality):
    raw = named(Modality=modality)[1]
    with pytest.raises(MayShowText, match="a person must look"):
        looked_at(raw, nothing)
    assert read(looked_at(raw, nothing, looked=True).content).Modality == modality


def test_a_suspect_that_cannot_be_decoded_is_not_kept_and_one_of_low_risk_is():
    for modality, sop_class in (("US", "1.2.840.10008.5.1.4.1.1.6.1"), ("CR", "1.2.840.10008.5.1.4.1.1.1")):
        one = read(named(Modality=modality)[1])
        one.SOPClassUID, one.HighBit = sop_class, 3
        raw = saved(one)
        if modality == "US":
            with pytest.raises(UnreadablePixels):
                looked_at(raw, nothing)
        else:
            assert looked_at(raw, nothing).content == cleaned(raw).content


def test_names_of_the_patient_are_told_to_the_one_who_judges_words():
    raw = named(PatientName="Chest^Anna")[1]
    word = [Found(Box(100, 100, 200, 130), "CHEST", 0.99)]
    plain = named(PatientName="Smith^Anna")[1]
    assert b"113101" in looked_at(plain, lambda _: word).content
    assert read(looked_at(plain, lambda _: word).content).pixel_array.tolist() == named()[0].tolist()
    assert read(looked_at(raw, lambda _: word).content).pixel_array.tolist() != named()[0].tolist()


def test_an_overlay_in_unused_bits_of_pixels_makes_a_slice_a_suspect():
    raw = file(image((0x60000102, "US", 12)))
    with pytest.raises(MayShowText, match="an overlay lies in unused bits"):
        cleaned(raw)


HEAD = ((0x00180015, "CS", "HEAD"), (0x00180050, "DS", "1.0 "))
REFUSING = replace(CANCER_RESEARCH, faces="refuse")


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_slices_of_a_head_say_that_a_face_could_be_rebuilt(syntax):
    done = cleaned(file(image(*HEAD), syntax))
    new = read(done.content)
    assert new.RecognizableVisualFeatures == done.attributes["00280302"] == "YES"
    tags = [e.tag for e in new]
    assert tags == sorted(tags)


@pytest.mark.parametrize("said", ["NO", "YES"])
def test_what_a_file_says_of_its_face_itself_stays(said):
    done = cleaned(file(image(*HEAD, (0x00280302, "CS", said))))
    assert read(done.content).RecognizableVisualFeatures == done.attributes["00280302"] == said


def test_other_slices_say_nothing_of_faces():
    done = cleaned(file(image()))
    assert "RecognizableVisualFeatures" not in read(done.content)
    assert "00280302" not in done.attributes


def test_a_profile_may_refuse_slices_of_a_head_until_a_person_has_looked():
    raw = file(image(*HEAD))
    with pytest.raises(ShowsFace):
        cleaned(raw, REFUSING)
    assert read(deidentify(raw, REFUSING, KEYS, looked=True).content).RecognizableVisualFeatures == "YES"
    assert cleaned(file(image(*HEAD, (0x00280302, "CS", "NO"))), REFUSING).sop
    assert cleaned(file(image()), REFUSING).sop

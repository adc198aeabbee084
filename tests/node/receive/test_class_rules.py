"""The rules of series class, contrast and side."""

import duckdb
import pytest
from tests.node.receive.series import labels, receive, receive_real, values

from oncommons.node.receive.class_rules import KINDS, TIMINGS
from oncommons.node.receive.classify import RULES, STATES
from oncommons.node.receive.words import SERIES_WORDS, STUDY_WORDS
from oncommons.schema.vocabulary import MODALITY, VOCABULARIES


@pytest.fixture
def base():
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


@pytest.mark.parametrize("field", RULES)
def test_every_row_of_a_table_can_be_checked_by_a_person(field):
    rules = RULES[field]
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.code in VOCABULARIES[field].codes
        assert 0.5 < rule.confidence <= 1
        assert rule.why
        assert {*rule.modality.split()} <= {*MODALITY.codes}
        assert {*rule.says.split(), *rule.never.split()} <= {*SERIES_WORDS}
        assert {*rule.study.split(), *rule.study_never.split()} <= {*STUDY_WORDS}
        assert {*rule.kinds.split()} <= {*KINDS}
        assert rule.timing in {"", *(name for name, _ in TIMINGS)}
        assert rule.state in {"", *STATES}


DESCRIBED = [
    ("MR", "t1_mprage_sag", "T1"),
    ("MR", "AX T1 FS POST", "T1_CONTRAST"),
    ("MR", "t1_vibe_tra nativ", "T1"),
    ("MR", "T2 TSE sag", "T2"),
    ("MR", "t2_tirm_dark-fluid", "FLAIR"),
    ("MR", "T1 FLAIR", "T1"),
    ("MR", "SWI_Images", "SWI"),
    ("MR", "SAG PD FS", "PD"),
    ("MR", "ep2d_diff_b50_400_800", "DWI"),
    ("MR", "ep2d_diff_b50_400_800_ADC", "ADC"),
    ("MR", "Ph3/Ax Vibrant MultiPhase", "DCE"),
    ("MR", "ax dyn SUB", "DERIVED"),
    ("MR", "ep2d_perf", "PERFUSION"),
    ("MR", "TOF_3D_multi-slab", "MRA"),
    ("MR", "3 Plane Loc", "LOCALIZER"),
    ("MR", "BILAT T2 GRE", None),
    ("MR", "", None),
    ("CT", "Thorax 1.0 B31f", "CT"),
    ("CT", "Body 1.0 CE", "CT_CONTRAST"),
    ("CT", "arterielle Phase", "CT_CONTRAST"),
    ("CT", "Topogram 0.6 T20f", "LOCALIZER"),
    ("CT", "AXIAL MIP", "DERIVED"),
    ("PT", "WB_NAC", "PET_NAC"),
    ("PT", "WB_CTAC", "PET_AC"),
    ("PT", "PET WB", "PET"),
    ("MG", "L CC C-View", "MG_SYNTHETIC"),
    ("MG", "R MLO", "MG_2D"),
    ("SEG", "", "SEG"),
    ("US", "anything", "US"),
    ("??", "t1", None),
]


def test_a_series_is_classed_by_what_its_description_says(base):
    receive(base, *({"modality": m, "series_description": d} for m, d, _ in DESCRIBED))
    given = values(base, "modality", "series_class")
    assert [(d, code) for (_, d, _), (_, code) in zip(DESCRIBED, given, strict=True)] == [
        (d, code) for _, d, code in DESCRIBED
    ]


TOLD = [
    ({"image_type": "DERIVED\\PRIMARY\\DIFFUSION\\ADC"}, "ADC"),
    ({"image_type": "ORIGINAL\\PRIMARY\\LOCALIZER", "modality": "CT"}, "LOCALIZER"),
    ({"sop_class": "1.2.840.10008.5.1.4.1.1.7"}, "SECONDARY_CAPTURE"),
    ({"sop_class": "1.2.840.10008.5.1.4.1.1.66.4", "modality": "XX"}, "SEG"),
    ({"repetition_time": "550", "echo_time": "12", "scanning_sequence": "SE"}, "T1"),
    ({"repetition_time": "4000", "echo_time": "100", "scanning_sequence": "SE"}, "T2"),
    ({"repetition_time": "3000", "echo_time": "20", "scanning_sequence": "SE"}, "PD"),
    ({"repetition_time": "9000", "echo_time": "120", "inversion_time": "2500"}, "FLAIR"),
    ({"repetition_time": "1200", "echo_time": "50", "scanning_sequence": "SE"}, None),
    ({"repetition_time": "wide", "echo_time": "12", "scanning_sequence": "SE"}, None),
    ({"modality": "CT", "series_description": "Abd", "contrast_agent": "Omnipaque"}, "CT_CONTRAST"),
    ({"modality": "CT", "series_description": "Abd", "contrast_agent": "none"}, "CT"),
    ({"modality": "CT", "series_description": "Abd", "study_description": "CT w/ contrast"}, "CT_CONTRAST"),
    ({"modality": "CT", "series_description": "Abd", "study_description": "CT w/ and w/o contrast"}, "CT"),
]


def test_a_series_is_classed_by_its_other_headers(base):
    receive(base, *({"modality": "MR", "image_type": "", "instances": "20"} | told for told, _ in TOLD))
    given = values(base, "series_class")
    assert [(told, code) for (told, _), (code,) in zip(TOLD, given, strict=True)] == TOLD


SIDES = [
    ({"contrast_agent": "Gadovist", "side": "R"}, "YES", "R"),
    ({"contrast_agent": "NONE", "side": "l"}, "NO", "L"),
    ({"series_description": "T1 left breast pre"}, "NO", "L"),
    ({"series_description": "bilateral T1 +C"}, "YES", "B"),
    ({"series_description": "T1 LT and RT"}, None, None),
    ({"body_part": "Right Breast"}, None, "R"),
    ({"series_description": "LEFT LATERAL DECUB"}, None, None),
    ({"study_description": "CT CHEST WO IV CONT"}, "NO", None),
    ({"study_description": "MRI HEAD WITHOUT CONTRAST"}, "NO", None),
    ({"study_description": "MRI PROSTATE W WO CONTRAST"}, None, None),
    ({"study_description": "ABD W/&W/O CONT"}, None, None),
    ({"study_description": "MRI BREAST W+WO CONT"}, None, None),
    ({"study_description": "MRI BREAST W AND W/O CONT"}, None, None),
    ({"study_description": "MRI_Breast_w__w_o_Contrast"}, None, None),
    ({"study_description": "BREAST W/O followed by W CON"}, None, None),
]


def test_contrast_and_side_are_told_where_the_headers_say_them(base):
    plain = {"modality": "MR", "series_description": "", "side": "", "contrast_agent": ""}
    receive(base, *(plain | told for told, _, _ in SIDES))
    given = values(base, "contrast", "laterality")
    assert [(told, *found) for (told, _, _), found in zip(SIDES, given, strict=True)] == SIDES


def test_classes_of_real_series_agree_with_what_a_person_read(base):
    expected = labels()
    receive_real(base, expected)
    given = {s: code for s, code in base.execute("SELECT series, series_class FROM received").fetchall() if code}
    assert len(expected) == 1000
    assert len(given) >= 950
    assert sum(expected[series] == code for series, code in given.items()) >= 0.97 * len(given)

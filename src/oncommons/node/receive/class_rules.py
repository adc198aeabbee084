"""How a series is classed: rules in order, the first that applies decides.

What no rule covers stays missing.  Each rule cites why it holds; the confidence is our judgement, measured as a whole by
``benchmarks/harmonise.py`` against series that were labelled by eye.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A row of a rule table.

    Attributes:
        id: Its name, which stays with every value that it gave.
        code: What it gives.
        confidence: How sure it is, from 0 to 1.
        why: Why it holds: a standard with its section, a maker's name for a sequence, or a convention.
        modality: Modalities that it is for; empty for any.
        says: Notions that the description of the series must hold, see :mod:`oncommons.node.receive.words`.
        never: Notions that it must not hold.
        study: The same for the description of the study.
        study_never: The same for the description of the study.
        image_type: Values of which Image Type must hold one.
        kinds: Kinds of object, see :data:`KINDS`, of which it must be one.
        timing: What the times of the sequence must say, see :data:`TIMINGS`.
        state: Other states of the series: ``many`` images, an ``agent`` that is named, ``left``...
    """

    id: str
    code: str
    confidence: float
    why: str
    modality: str = ""
    says: str = ""
    never: str = ""
    study: str = ""
    study_never: str = ""
    image_type: str = ""
    kinds: str = ""
    timing: str = ""
    state: str = ""


KINDS = {
    "capture": "1.2.840.10008.5.1.4.1.1.7",
    "tomo": "1.2.840.10008.5.1.4.1.1.13.1.3",
    "projection": "1.2.840.10008.5.1.4.1.1.13.1.4 1.2.840.10008.5.1.4.1.1.13.1.5",
    "raw": "1.2.840.10008.5.1.4.1.1.66",
    "spectroscopy": "1.2.840.10008.5.1.4.1.1.4.2",
    "segmentation": "1.2.840.10008.5.1.4.1.1.66.4",
    "parametric": "1.2.840.10008.5.1.4.1.1.30",
}
"""Kind of object to its SOP classes (DICOM PS3.4 B.5)."""

TIMINGS = (
    ("FLAIR", "ti > 1500 AND tr > 4000"),
    ("STIR", "ti BETWEEN 80 AND 300 AND tr > 1500"),
    ("T1", "sequence LIKE '%SE%' AND ti IS NULL AND tr < 900 AND te < 30"),
    ("PD", "sequence LIKE '%SE%' AND ti IS NULL AND tr > 1500 AND te < 40"),
    ("T2", "sequence LIKE '%SE%' AND ti IS NULL AND tr > 1500 AND te > 70"),
)
"""What repetition, echo and inversion time (ms) say of a spin echo; the first that applies.

Ranges of textbooks (for instance Westbrook and Talbot, MRI in Practice, chapters on weighting and on inversion recovery)
with a gap between them, so that what lies between says nothing.
"""

_BOTH = "CT MR"
_STORED = "DICOM PS3.3 A.8: a secondary capture is not made by the device that the modality names."
_MR_NAME = "Maker's name of a sequence that is used with this weighting."
_SAID = "The description says so."

SERIES_CLASS_RULES: tuple[Rule, ...] = (
    # what the kind of object or the modality decides
    Rule("class.seg", "SEG", 1, "DICOM PS3.3 A.51", modality="SEG"),
    Rule("class.seg-kind", "SEG", 1, "DICOM PS3.3 A.51", kinds="segmentation"),
    Rule("class.structures", "STRUCTURE_SET", 1, "DICOM PS3.3 A.19", modality="RTSTRUCT"),
    Rule("class.dose", "DOSE", 1, "DICOM PS3.3 A.18", modality="RTDOSE"),
    Rule("class.plan", "PLAN", 1, "DICOM PS3.3 A.20", modality="RTPLAN"),
    Rule("class.report", "REPORT", 1, "DICOM PS3.3 A.35", modality="SR DOC"),
    Rule("class.annotation", "ANNOTATION", 1, "DICOM PS3.3 A.33, A.87", modality="ANN PR KO"),
    Rule("class.slide", "SLIDE", 1, "DICOM PS3.3 A.32.8", modality="SM"),
    Rule("class.raw", "RAW", 1, "DICOM PS3.3 A.37", kinds="raw"),
    Rule("class.spectroscopy", "MRS", 1, "DICOM PS3.3 A.36.3", kinds="spectroscopy"),
    Rule("class.parametric", "DERIVED", 1, "DICOM PS3.3 A.75", kinds="parametric"),
    # mammography
    Rule("class.mg-mask", "SEG", 0.95, _SAID, modality="MG", says="mask"),
    Rule("class.mg-cropped", "DERIVED", 0.95, _SAID, modality="MG", says="cropped"),
    Rule(
        "class.mg-synthetic", "MG_SYNTHETIC", 0.95, "C-View (Hologic), V-Preview (GE)", modality="MG", says="synthetic"
    ),
    Rule("class.mg-generated", "MG_SYNTHETIC", 1, "DICOM PS3.3 C.8.11.7.1.4", modality="MG", image_type="GENERATED_2D"),
    Rule("class.mg-projection", "TOMO_PROJECTION", 1, "DICOM PS3.3 A.55", modality="MG", kinds="projection"),
    Rule(
        "class.mg-projection-type",
        "TOMO_PROJECTION",
        1,
        "DICOM PS3.3 C.8.11.7.1.4",
        modality="MG",
        image_type="TOMO_PROJ TOMOSYNTHESIS_PROJ",
    ),
    Rule("class.mg-projection-said", "TOMO_PROJECTION", 0.95, _SAID, modality="MG", says="tomo_projection"),
    Rule("class.mg-tomo", "TOMO", 1, "DICOM PS3.3 A.55", modality="MG", kinds="tomo"),
    Rule("class.mg-tomo-said", "TOMO", 0.95, _SAID, modality="MG", says="tomosynthesis"),
    Rule("class.mg", "MG_2D", 0.9, "DICOM PS3.3 A.26", modality="MG"),
    # pictures that were stored as such
    Rule("class.capture-map", "DERIVED", 0.85, _SAID, modality="MR", says="map", kinds="capture"),
    Rule("class.capture", "SECONDARY_CAPTURE", 0.95, _STORED, modality="CT MR PT NM OT US XA", kinds="capture"),
    # one class a modality
    Rule("class.radiograph", "XRAY", 0.95, "DICOM PS3.3 A.2, A.26", modality="CR DX RG IO PX"),
    Rule("class.fluoroscopy", "FLUOROSCOPY", 0.95, "DICOM PS3.3 A.14, A.16", modality="XA RF"),
    Rule("class.ultrasound", "US", 0.98, "DICOM PS3.3 A.6", modality="US"),
    Rule("class.nuclear", "NM", 0.98, "DICOM PS3.3 A.5", modality="NM"),
    # planning images
    Rule("class.localizer-type", "LOCALIZER", 1, "DICOM PS3.3 C.8.2.1.1.1", modality=_BOTH, image_type="LOCALIZER"),
    Rule(
        "class.localizer-nlst",
        "LOCALIZER",
        1,
        "NLST: third letter L of the second part",
        modality="CT",
        says="nlst_localizer",
    ),
    Rule(
        "class.axial-nlst",
        "CT",
        1,
        "NLST: third letter A of the second part; low dose, no agent",
        modality="CT",
        says="nlst_axial",
    ),
    Rule("class.localizer", "LOCALIZER", 0.97, _SAID, modality="CT MR PT", says="localizer"),
    # PET
    Rule("class.pet-projection", "DERIVED", 0.95, _SAID, modality="PT", says="projection"),
    Rule("class.pet-fused", "DERIVED", 0.9, _SAID, modality="PT", says="fused"),
    Rule("class.pet-uncorrected", "PET_NAC", 0.97, _SAID, modality="PT", says="uncorrected"),
    Rule("class.pet-corrected", "PET_AC", 0.97, _SAID, modality="PT", says="corrected"),
    Rule("class.pet", "PET", 0.95, "DICOM PS3.3 A.21", modality="PT"),
    # CT
    Rule("class.ct-projection", "DERIVED", 0.95, _SAID, modality="CT", says="projection"),
    Rule("class.ct-spectral", "DERIVED", 0.9, _SAID, modality="CT", says="spectral"),
    Rule("class.ct-fused", "DERIVED", 0.9, _SAID, modality="CT", says="fused"),
    Rule("class.ct-difference", "DERIVED", 0.9, _SAID, modality="CT", says="difference"),
    Rule("class.ct-raw", "RAW", 0.9, "LDCT-and-Projection-data: sinograms", modality="CT", says="tomo_projection"),
    Rule("class.ct-perfusion", "PERFUSION", 0.9, _SAID, modality="CT", says="perfusion"),
    Rule(
        "class.ct-attenuation", "CT", 0.95, "CT for attenuation correction of a PET", modality="CT", says="correction"
    ),
    Rule("class.ct-before", "CT", 0.95, _SAID, modality="CT", says="before"),
    Rule("class.ct-agent", "CT_CONTRAST", 0.98, "DICOM PS3.3 C.7.6.4", modality="CT", state="agent"),
    Rule("class.ct-after", "CT_CONTRAST", 0.95, _SAID, modality="CT", says="after", never="not_after"),
    Rule("class.ct-phase", "CT_CONTRAST", 0.92, "A phase of enhancement is named.", modality="CT", says="phase"),
    Rule(
        "class.ct-study",
        "CT_CONTRAST",
        0.85,
        "The study was made with an agent only.",
        modality="CT",
        study="given",
        study_never="not_given",
        state="many",
    ),
    Rule("class.ct", "CT", 0.9, "DICOM PS3.3 A.3", modality="CT", says="anything"),
    Rule("class.ct-many", "CT", 0.85, "A stack of slices without a description.", modality="CT", state="many"),
    # MR: what was computed
    Rule("class.mr-mask", "SEG", 0.95, _SAID, modality="MR", says="mask"),
    Rule("class.mr-adc-type", "ADC", 1, "DICOM PS3.3 C.8.13.3.1.1", modality="MR", image_type="ADC"),
    Rule("class.mr-adc", "ADC", 0.97, _SAID, modality="MR", says="adc"),
    Rule("class.mr-difference", "DERIVED", 0.96, _SAID, modality="MR", says="difference"),
    Rule("class.mr-projection", "DERIVED", 0.95, _SAID, modality="MR", says="projection"),
    Rule("class.mr-map", "DERIVED", 0.93, _SAID, modality="MR", says="map"),
    Rule(
        "class.mr-derived-type",
        "DERIVED",
        0.95,
        "DICOM PS3.3 C.7.6.1.1.2",
        modality="MR",
        image_type="SUBTRACTION PROJECTION MIP FA",
    ),
    # MR: what was made
    Rule("class.mr-spectroscopy", "MRS", 0.9, _SAID, modality="MR", says="spectroscopy"),
    Rule(
        "class.mr-diffusion-type", "DWI", 0.97, "DICOM PS3.3 C.8.13.3.1.1", modality="MR", image_type="DIFFUSION TRACEW"
    ),
    Rule("class.mr-diffusion", "DWI", 0.96, _SAID, modality="MR", says="diffusion"),
    Rule("class.mr-functional", "FMRI", 0.9, _SAID, modality="MR", says="functional", never="perfusion"),
    Rule("class.mr-dynamic", "DCE", 0.95, _SAID, modality="MR", says="dynamic", never="perfusion"),
    Rule("class.mr-perfusion", "PERFUSION", 0.92, _SAID, modality="MR", says="perfusion"),
    Rule("class.mr-b-value", "DWI", 0.9, "A b value is named.", modality="MR", says="b_value"),
    Rule("class.mr-angiography", "MRA", 0.92, _SAID, modality="MR", says="angiography"),
    Rule(
        "class.mr-t1-flair",
        "T1",
        0.92,
        "T1-weighted inversion recovery (GE)",
        modality="MR",
        says="flair t1",
        never="after",
    ),
    Rule(
        "class.mr-t1-flair-after",
        "T1_CONTRAST",
        0.9,
        "T1-weighted inversion recovery (GE)",
        modality="MR",
        says="flair t1 after",
    ),
    Rule("class.mr-flair", "FLAIR", 0.97, _SAID, modality="MR", says="flair"),
    Rule("class.mr-t2-star", "SWI", 0.93, _SAID, modality="MR", says="t2_star"),
    Rule("class.mr-t1-before", "T1", 0.95, _SAID, modality="MR", says="t1 before", never="t2 not_before"),
    Rule("class.mr-t1-after", "T1_CONTRAST", 0.95, _SAID, modality="MR", says="t1 after", never="t2 before not_after"),
    Rule("class.mr-t1", "T1", 0.93, _SAID, modality="MR", says="t1", never="t2"),
    Rule("class.mr-t2", "T2", 0.95, _SAID, modality="MR", says="t2", never="t1 gradient_echo proton_density"),
    Rule("class.mr-pd", "PD", 0.93, _SAID, modality="MR", says="proton_density", never="t1 t2"),
    Rule("class.mr-t2-name", "T2", 0.9, _MR_NAME, modality="MR", says="t2_sequence", never="t1"),
    Rule(
        "class.mr-t1-name-before", "T1", 0.9, _MR_NAME, modality="MR", says="t1_sequence before", never="t2 not_before"
    ),
    Rule(
        "class.mr-t1-name-after",
        "T1_CONTRAST",
        0.9,
        _MR_NAME,
        modality="MR",
        says="t1_sequence after",
        never="t2 before not_after",
    ),
    Rule("class.mr-t1-name", "T1", 0.85, _MR_NAME, modality="MR", says="t1_sequence", never="t2"),
    Rule(
        "class.mr-after",
        "T1_CONTRAST",
        0.85,
        "An agent shows in T1 weighting.",
        modality="MR",
        says="after",
        never="t2 before not_after",
    ),
    # MR: what the times say
    Rule("class.mr-times-flair", "FLAIR", 0.8, "See the table of times.", modality="MR", timing="FLAIR"),
    Rule("class.mr-times-stir", "T2", 0.8, "See the table of times.", modality="MR", timing="STIR"),
    Rule(
        "class.mr-times-t1-agent",
        "T1_CONTRAST",
        0.8,
        "See the table of times.",
        modality="MR",
        timing="T1",
        state="agent",
    ),
    Rule("class.mr-times-t1", "T1", 0.8, "See the table of times.", modality="MR", timing="T1"),
    Rule("class.mr-times-pd", "PD", 0.75, "See the table of times.", modality="MR", timing="PD"),
    Rule("class.mr-times-t2", "T2", 0.8, "See the table of times.", modality="MR", timing="T2"),
)
"""Series class, see the vocabulary of that name."""

CONTRAST_RULES: tuple[Rule, ...] = (
    Rule("contrast.none", "NO", 0.98, "DICOM PS3.3 C.7.6.4: the agent is said to be none.", state="no_agent"),
    Rule("contrast.before", "NO", 0.93, _SAID, modality=_BOTH, says="before", never="not_before dynamic"),
    Rule("contrast.agent", "YES", 0.98, "DICOM PS3.3 C.7.6.4", state="agent"),
    Rule("contrast.after", "YES", 0.93, _SAID, modality=_BOTH, says="after", never="not_after dynamic localizer"),
    Rule(
        "contrast.phase", "YES", 0.9, "A phase of enhancement is named.", modality="CT", says="phase", never="localizer"
    ),
    Rule("contrast.nlst", "NO", 0.95, "NLST: low-dose CT without an agent", modality="CT", says="nlst_axial"),
    Rule(
        "contrast.study-none",
        "NO",
        0.88,
        "The study was made without an agent only.",
        modality=_BOTH,
        study="never_given",
        study_never="given given_too",
    ),
    Rule(
        "contrast.study",
        "YES",
        0.82,
        "The study was made with an agent only.",
        modality="CT",
        study="given",
        study_never="not_given",
        never="localizer correction",
        state="many",
    ),
)
"""Whether a contrast agent had been given."""

LATERALITY_RULES: tuple[Rule, ...] = (
    Rule("laterality.left", "L", 1, "DICOM PS3.3 C.7.3.1.1.1", state="left"),
    Rule("laterality.right", "R", 1, "DICOM PS3.3 C.7.3.1.1.1", state="right"),
    Rule("laterality.both", "B", 1, "DICOM PS3.3 C.8.11.7.1", state="both"),
    Rule("laterality.unpaired", "U", 1, "DICOM PS3.3 C.8.11.7.1", state="unpaired"),
    Rule("laterality.both-said", "B", 0.9, _SAID, says="both", never="left right"),
    Rule("laterality.left-said", "L", 0.9, _SAID, says="left", never="right both lying"),
    Rule("laterality.right-said", "R", 0.9, _SAID, says="right", never="left both lying"),
)
"""Side of the body."""

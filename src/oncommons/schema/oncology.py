"""Code lists of clinical data: diagnosis, stage, markers, treatment and what became of the person.

Codes of ICD-10, ICD-O-3, LOINC and ATC are data: their form is given here by a rule, their texts, which the World Health
Organization and Regenstrief license, are not.  The labels here are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncommons.schema import scores
from oncommons.schema.codelist import Vocabulary, labels
from oncommons.schema.laboratory import LABORATORY_UNITS

_ICD10, _TOPOGRAPHY = r"ICD10:[A-Z][0-9]{2}(\.[0-9]{1,2})?", r"ICDO3:C[0-9]{2}(\.[0-9])?"
_MORPHOLOGY = r"ICDO3:[0-9]{4}/[012369]"
_SYSTEMS_OF_DIAGNOSES = (("ICD10:",), ("ICDO3:C",), tuple(f"ICDO3:{digit}" for digit in range(10)))

_SITES = """
    SITE:ANUS anus and anal canal | C21
    SITE:BLADDER urinary bladder | C67
    SITE:BRAIN brain | C71
    SITE:BREAST breast | C50
    SITE:CERVIX neck of the womb | C53
    SITE:COLON colon | C18
    SITE:COLORECTUM colon and rectum | C18-C20
    SITE:GALLBLADDER gallbladder and other bile ducts | C23-C24
    SITE:KIDNEY kidney without its pelvis | C64
    SITE:LARYNX larynx | C32
    SITE:LIP_ORAL_PHARYNX lip, mouth and throat | C00-C14
    SITE:LIVER liver and bile ducts within it | C22
    SITE:LUNG bronchus and lung | C34
    SITE:OESOPHAGUS oesophagus | C15
    SITE:OVARY ovary | C56
    SITE:PANCREAS pancreas | C25
    SITE:PROSTATE prostate | C61
    SITE:RECTUM rectum with rectosigmoid junction | C19-C20
    SITE:SMALL_INTESTINE small intestine | C17
    SITE:STOMACH stomach | C16
    SITE:TESTIS testis | C62
    SITE:THYROID thyroid gland | C73
    SITE:UTERUS body of the womb and womb not further named | C54-C55
"""
"""Sites whose three-character codes are the same in ICD-10 and in ICD-O-3 topography (ICD-O-3, introduction)."""


def _sites() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Labels of the sites, and the codes of both systems that each stands for."""
    names, groups = {}, {}
    for line in _SITES.strip().splitlines():
        words, _, codes = line.partition("|")
        code, label = words.split(None, 1)
        first, _, last = codes.strip().removeprefix("C").partition("-C")
        numbers = range(int(first), int(last or first) + 1)
        names[code] = label.strip()
        groups[code] = tuple(f"{system}:C{n:02}" for system in ("ICD10", "ICDO3") for n in numbers)
    return names, groups


_SITE_NAMES, _SITE_CODES = _sites()

CONDITION = Vocabulary(
    name="condition",
    source="ICD-O-3 morphology (WHO) as ICDO3:8520/3, ICD-O-3 topography as ICDO3:C50.4, ICD-10 as ICD10:C50.4; "
    "a site of ours (SITE:) stands for its codes in both",
    codes=MappingProxyType(_SITE_NAMES),
    pattern=f"{_MORPHOLOGY}|{_TOPOGRAPHY}|{_ICD10}",
    example="ICDO3:8520/3",
    prefixed=f"{_TOPOGRAPHY}|{_ICD10}",
    groups=MappingProxyType(_SITE_CODES),
    systems=_SYSTEMS_OF_DIAGNOSES,
)

TOPOGRAPHY = Vocabulary(
    name="topography",
    source="ICD-O-3 topography (WHO) as ICDO3:C50.4; a site of ours (SITE:) stands for its codes",
    codes=MappingProxyType(_SITE_NAMES),
    pattern=_TOPOGRAPHY,
    example="ICDO3:C50.4",
    prefixed=_TOPOGRAPHY,
    groups=MappingProxyType(
        {site: tuple(c for c in codes if c.startswith("ICDO3")) for site, codes in _SITE_CODES.items()}
    ),
)

MORPHOLOGY = Vocabulary(
    name="morphology",
    source="ICD-O-3 morphology (WHO) with behaviour, as ICDO3:8520/3",
    pattern=_MORPHOLOGY,
    example="ICDO3:8520/3",
)

VITAL_STATUS = Vocabulary(
    name="vital_status",
    source="oncommons, after mCODE 4 (HL7) and OMOP CDM 5.4 death",
    codes=labels("""
        ALIVE alive when last heard of
        DEAD dead
    """),
    example="ALIVE",
)


_STAGES = labels("""
    0 stage 0, in situ
    0A stage 0a
    0IS stage 0is
    I stage I
    IA stage IA
    IA1 stage IA1
    IA2 stage IA2
    IA3 stage IA3
    IB stage IB
    IB1 stage IB1
    IB2 stage IB2
    IB3 stage IB3
    IC stage IC
    II stage II
    IIA stage IIA
    IIA1 stage IIA1
    IIA2 stage IIA2
    IIB stage IIB
    IIC stage IIC
    III stage III
    IIIA stage IIIA
    IIIA1 stage IIIA1
    IIIA2 stage IIIA2
    IIIB stage IIIB
    IIIC stage IIIC
    IIIC1 stage IIIC1
    IIIC2 stage IIIC2
    IIID stage IIID
    IS stage IS
    IV stage IV
    IVA stage IVA
    IVB stage IVB
    IVC stage IVC
""")


def _stage_above(code: str) -> str:
    """The stage that includes a stage: IIIA1, IIIA, III; empty for 0 to IV."""
    roman = next(stem for stem in ("III", "II", "IV", "I", "0") if code.startswith(stem))
    rest = code.removeprefix(roman)
    if not rest:
        return ""
    shorter = roman + (rest[0] if len(rest) > 1 else "")
    return shorter if shorter in _STAGES else roman


STAGE = Vocabulary(
    name="stage",
    source="UICC and AJCC stage groups, by their numbers; 0 to IV include their subgroups",
    codes=_STAGES,
    example="IIA",
    parents=MappingProxyType({code: (above,) for code in _STAGES if (above := _stage_above(code))}),
)


def _tnm(name: str, letter: str, stems: tuple[str, ...], rest: str) -> Vocabulary:
    """Categories of one letter: ``T1`` includes ``T1a`` and ``T1mi``."""
    return Vocabulary(
        name=name,
        source=f"TNM (UICC) category {letter}, without the prefix c or p",
        pattern=f"{letter}(?:{'|'.join(stems)}){rest}|{letter}X",
        example=f"{letter}{stems[-1]}",
        prefixed=f"{letter}(?:{'|'.join(stems)}){rest}",
    )


TNM_T = _tnm("tnm_t", "T", ("0", "is", "a", "1", "2", "3", "4"), r"(?:mi|[a-e][1-3]?)?")
TNM_N = _tnm("tnm_n", "N", ("0", "1", "2", "3"), r"(?:mi|\(i[+-]\)|\(mol[+-]\)|[a-c][1-3]?)?")
TNM_M = _tnm("tnm_m", "M", ("0", "1"), r"(?:\(i\+\)|[a-d][0-2]?)?")

GRADE = Vocabulary(
    name="grade",
    source="ICD-O-3, sixth digit: histological grade",
    codes=labels("""
        G1 well differentiated
        G2 moderately differentiated
        G3 poorly differentiated
        G4 undifferentiated
    """),
    example="G2",
)

MARKER = Vocabulary(
    name="marker",
    source="oncommons: what is measured or observed, each with the unit (UCUM) of its values; others as LOINC:NUMBER",
    codes=labels("""
        AFP alpha-fetoprotein (ng/mL)
        BIRADS assessment of images of the breast, BI-RADS
        CA125 cancer antigen 125 ([arb'U]/mL)
        CA153 cancer antigen 15-3 ([arb'U]/mL)
        CA199 cancer antigen 19-9 ([arb'U]/mL)
        CEA carcinoembryonic antigen (ng/mL)
        ECOG performance status of ECOG and WHO, 0 to 5
        ER oestrogen receptor (%)
        GLEASON Gleason score, 2 to 10
        HCG human chorionic gonadotropin ([IU]/L)
        HER2 human epidermal growth factor receptor 2
        ISUP grade group of ISUP, 1 to 5
        KARNOFSKY performance status of Karnofsky, 0 to 100
        KI67 Ki-67 proliferation index (%)
        LDH lactate dehydrogenase (U/L)
        MENOPAUSE positive after the menopause, negative before it
        NODES_POSITIVE lymph nodes with tumour
        OTHER something that no list names; what it is called stays at the node
        PDL1 PD-L1 expression (%)
        PIRADS assessment of images of the prostate, PI-RADS
        PR progesterone receptor (%)
        PSA prostate-specific antigen (ng/mL)
        SMOKER positive for who smokes or smoked, negative for who never did
        TUMOUR_SIZE largest diameter of the tumour (mm)
        WEIGHT_LOSS weight lost (kg)
    """),
    pattern=r"LOINC:[0-9]{1,7}-[0-9]",
    example="PSA",
)

MARKER_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "AFP": "ng/mL",
        "CA125": "[arb'U]/mL",
        "CA153": "[arb'U]/mL",
        "CA199": "[arb'U]/mL",
        "CEA": "ng/mL",
        "ER": "%",
        "HCG": "[IU]/L",
        "KI67": "%",
        "LDH": "U/L",
        "PDL1": "%",
        "PR": "%",
        "PSA": "ng/mL",
        "TUMOUR_SIZE": "mm",
        "WEIGHT_LOSS": "kg",
        "ECOG": "1",
        "GLEASON": "1",
        "ISUP": "1",
        "KARNOFSKY": "1",
        "NODES_POSITIVE": "1",
        **LABORATORY_UNITS,
    },
)
"""Marker to the one unit in which its values are asked; a marker that is not here is asked by its result only."""

RESULT = Vocabulary(
    name="result",
    source="oncommons: what a test found; scores of HER2 as ASCO and CAP read them, BI-RADS and PI-RADS (ACR)",
    codes=MappingProxyType(
        dict(
            sorted(
                {
                    "EQUIVOCAL": "neither for certain",
                    "NEGATIVE": "negative",
                    "POSITIVE": "positive",
                    **scores.LABELS,
                }.items()
            )
        )
    ),
    example="POSITIVE",
    parents=scores.PARENTS,
)

TREATMENT_KIND = Vocabulary(
    name="treatment_kind",
    source="oncommons: kinds of cancer treatment; SYSTEMIC includes those given as drugs",
    codes=labels("""
        ABLATION ablation or embolisation
        CHEMOTHERAPY chemotherapy
        DIAGNOSTIC procedure for diagnosis, such as a biopsy
        HORMONE hormone treatment
        IMMUNOTHERAPY immunotherapy
        OTHER other
        RADIOTHERAPY radiotherapy
        SURGERY operation
        SURVEILLANCE watchful waiting or active surveillance
        SYSTEMIC treatment with drugs
        TARGETED targeted treatment
        TRANSPLANT stem-cell transplant
    """),
    example="CHEMOTHERAPY",
    parents=MappingProxyType(dict.fromkeys(("CHEMOTHERAPY", "HORMONE", "IMMUNOTHERAPY", "TARGETED"), ("SYSTEMIC",))),
)

TREATMENT_CODE = Vocabulary(
    name="treatment_code",
    source="ATC (WHO) as ATC:L01CD01, RxNorm as RXNORM:NUMBER, OPS as OPS:5-870, SNOMED CT as SCT:NUMBER; "
    "codes of ATC and OPS include those that begin with them",
    pattern=r"ATC:[A-Z](?:[0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?)?|RXNORM:[0-9]{1,8}"
    r"|OPS:[0-9]-[0-9]{2}(?:[0-9a-z](?:\.[0-9a-z]{1,2})?)?|SCT:[0-9]{6,18}",
    example="ATC:L01CD01",
    prefixed=r"ATC:.+|OPS:.+",
    systems=(("ATC:",), ("RXNORM:",), ("OPS:",), ("SCT:",)),
)

EPISODE_KIND = Vocabulary(
    name="episode_kind",
    source="oncommons, after the episodes of OMOP CDM 5.4 for oncology",
    codes=labels("""
        FIRST first occurrence of the disease
        METASTASIS metastatic disease
        PROGRESSION progression
        RECURRENCE recurrence
        REMISSION remission
        STABLE stable disease
        TREATMENT line of treatment
    """),
    example="RECURRENCE",
)

SPECIMEN_KIND = Vocabulary(
    name="specimen_kind",
    source="oncommons: kinds of samples",
    codes=labels("""
        BLOOD whole blood
        BONE_MARROW bone marrow
        DNA DNA
        OTHER other
        PLASMA plasma
        RNA RNA
        SERUM serum
        TISSUE tissue
        TISSUE_FFPE tissue in paraffin
        TISSUE_FROZEN frozen tissue
        URINE urine
    """),
    example="TISSUE",
    parents=MappingProxyType({"TISSUE_FROZEN": ("TISSUE",), "TISSUE_FFPE": ("TISSUE",)}),
)

_KINDS = (
    ("ATC:L01A", "CHEMOTHERAPY"),
    ("ATC:L01B", "CHEMOTHERAPY"),
    ("ATC:L01C", "CHEMOTHERAPY"),
    ("ATC:L01D", "CHEMOTHERAPY"),
    ("ATC:L01E", "TARGETED"),
    ("ATC:L01FF", "IMMUNOTHERAPY"),
    ("ATC:L01FX04", "IMMUNOTHERAPY"),
    ("ATC:L01FX20", "IMMUNOTHERAPY"),
    ("ATC:L01FY02", "IMMUNOTHERAPY"),
    ("ATC:L01F", "TARGETED"),
    ("ATC:L02", "HORMONE"),
    ("ATC:L03AA", ""),
    ("ATC:L03", "IMMUNOTHERAPY"),
    ("OPS:1-", "DIAGNOSTIC"),
    ("OPS:5-410", ""),
    ("OPS:5-411", "TRANSPLANT"),
    ("OPS:5-", "SURGERY"),
    ("OPS:8-52", "RADIOTHERAPY"),
    ("OPS:8-542", "CHEMOTHERAPY"),
    ("OPS:8-543", "CHEMOTHERAPY"),
    ("OPS:8-544", "CHEMOTHERAPY"),
    ("OPS:8-547.3", ""),
    ("OPS:8-548", ""),
    ("OPS:8-54", "SYSTEMIC"),
)
"""How codes of treatments begin, and of what kind these are: chapters of ATC (WHO) and OPS (BfArM).  The first counts.

Inhibitors of CTLA-4 and LAG-3 stand apart from those of PD-1 in ATC.  OPS 8-54 is of chemotherapy, antibodies and
immunotherapy.  Without a kind are what treats no cancer by itself: growth factors of white cells, harvest of stem cells,
suppression of immunity, treatment of HIV.
"""


def kind_of_treatment(code: str) -> str:
    """The kind of treatment that a code says by itself, or empty."""
    return next((kind for start, kind in _KINDS if code.startswith(start)), "")


CLINICAL = (
    CONDITION,
    TOPOGRAPHY,
    MORPHOLOGY,
    VITAL_STATUS,
    STAGE,
    TNM_T,
    TNM_N,
    TNM_M,
    GRADE,
    MARKER,
    RESULT,
    TREATMENT_KIND,
    TREATMENT_CODE,
    EPISODE_KIND,
    SPECIMEN_KIND,
)
"""Every code list of clinical data."""

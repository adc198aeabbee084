"""Which codes lie below which, written out apart from the code under test."""

import re

SITES = {
    "SITE:ANUS": ("C21",),
    "SITE:BLADDER": ("C67",),
    "SITE:BRAIN": ("C71",),
    "SITE:BREAST": ("C50",),
    "SITE:CERVIX": ("C53",),
    "SITE:COLON": ("C18",),
    "SITE:COLORECTUM": ("C18", "C19", "C20"),
    "SITE:GALLBLADDER": ("C23", "C24"),
    "SITE:KIDNEY": ("C64",),
    "SITE:LARYNX": ("C32",),
    "SITE:LIP_ORAL_PHARYNX": tuple(f"C{n:02}" for n in range(15)),
    "SITE:LIVER": ("C22",),
    "SITE:LUNG": ("C34",),
    "SITE:OESOPHAGUS": ("C15",),
    "SITE:OVARY": ("C56",),
    "SITE:PANCREAS": ("C25",),
    "SITE:PROSTATE": ("C61",),
    "SITE:RECTUM": ("C19", "C20"),
    "SITE:SMALL_INTESTINE": ("C17",),
    "SITE:STOMACH": ("C16",),
    "SITE:TESTIS": ("C62",),
    "SITE:THYROID": ("C73",),
    "SITE:UTERUS": ("C54", "C55"),
}
PARTS = {
    "treatment_kind": {"SYSTEMIC": {"CHEMOTHERAPY", "HORMONE", "IMMUNOTHERAPY", "TARGETED"}},
    "result": {"POSITIVE": {"HER2_3"}, "NEGATIVE": {"HER2_0", "HER2_1"}, "EQUIVOCAL": {"HER2_2"}},
    "specimen_kind": {"TISSUE": {"TISSUE_FROZEN", "TISSUE_FFPE"}},
}


def system(code):
    """The system of a code of diagnoses or treatments; morphology and topography are two."""
    name, _, rest = code.partition(":")
    return f"{name} {'morphology' if name == 'ICDO3' and rest[0].isdigit() else ''}"


def includes(field, asked, value):
    """Whether a question for one code finds a value; ``None`` where the two are of systems that cannot be compared."""
    if asked == value:
        return True
    if field in {"code", "treatment_code"}:
        systems = {"ICD10 ", "ICDO3 "} if asked.startswith("SITE:") else {system(asked)}
        if system(value) not in systems:
            return None
    if field in {"code", "topography", "specimen_site"}:
        return _site(field, asked, value)
    if field == "stage":
        return _split(value)[0] == _split(asked)[0] and _split(value)[1].startswith(_split(asked)[1])
    if re.fullmatch("(clinical|pathological)_[tnm]", field):
        return not asked.endswith("X") and value.startswith(asked)
    if field == "described_by":
        return set(asked.split("_AND_")) <= set(value.split("_AND_"))
    if field == "treatment_code":
        return asked.startswith(("ATC:", "OPS:")) and value.startswith(asked)
    return value in PARTS.get(field, {}).get(asked, set())


def _site(field, asked, value):
    system, _, code = value.partition(":")
    if asked.startswith("SITE:"):
        return code[:3] in SITES[asked] and (system == "ICDO3" or field == "code")
    theirs, _, wanted = asked.partition(":")
    return theirs == system and code[0].isalpha() and code.startswith(wanted)


def _split(stage):
    """The numeral of a stage, and its letter and digit."""
    return re.fullmatch("(0|IV|I{1,3})(.*)", stage).groups()

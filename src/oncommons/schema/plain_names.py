"""Plain English names of cancers and of where they are, in our own words, for codes of ICD-10 and ICD-O-3.

The texts of these classifications are licensed and are not here; whoever may use them can import them at a hub.
These names are no substitute for them: they help a reader, and they are words by which a code is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from oncommons.schema.laboratory import LABORATORY_NAMES, spellings_of
from oncommons.schema.neoplasms import CATEGORIES

_NAMES = """
    C00 lip | lip cancer
    C01 base of the tongue | cancer of the base of the tongue
    C02 tongue | tongue cancer
    C03 gums | gum cancer
    C04 floor of the mouth | cancer of the floor of the mouth
    C05 palate | cancer of the palate
    C06 mouth | mouth cancer | oral cheek
    C07 parotid gland | cancer of the parotid gland
    C08 other salivary glands | cancer of other salivary glands
    C09 tonsil | tonsil cancer
    C10 middle throat | cancer of the middle throat | oropharynx oropharyngeal
    C11 upper throat | cancer of the upper throat | nasopharynx nasopharyngeal
    C12 piriform sinus | cancer of the piriform sinus | pyriform throat
    C13 lower throat | cancer of the lower throat | hypopharynx hypopharyngeal
    C14 lip, mouth or throat, place unclear | cancer of lip, mouth or throat, place unclear | pharynx
    C15 gullet | cancer of the gullet | oesophagus oesophageal esophagus
    C16 stomach | stomach cancer
    C17 small intestine | cancer of the small intestine | duodenum
    C18 colon | colon cancer | colorectal bowel large intestine
    C19 where colon and rectum meet | cancer where colon and rectum meet | rectosigmoid colorectal bowel
    C20 rectum | rectal cancer | rectum colorectal bowel
    C21 anus | anal cancer | anus
    C22 liver | liver cancer | hepatocellular carcinoma cholangiocarcinoma bile ducts within
    C23 gallbladder | gallbladder cancer
    C24 bile ducts | bile duct cancer | biliary
    C25 pancreas | pancreatic cancer
    C26 gut, place unclear | cancer of the gut, place unclear | digestive bowel intestine
    C30 nose and middle ear | cancer of the inner nose or the middle ear | nasal
    C31 sinuses of the face | cancer of the sinuses of the face | paranasal
    C32 voice box | cancer of the voice box | larynx laryngeal throat
    C33 windpipe | cancer of the windpipe | trachea tracheal
    C34 lung | lung cancer | bronchus bronchial
    C37 thymus | cancer of the thymus | thymic thymoma
    C38 heart and space between the lungs | cancer of the heart or the space between the lungs | mediastinum pleura
    C39 airways, place unclear | cancer of the airways, place unclear | respiratory
    C40 bones of arms and legs | bone cancer of an arm or a leg | osteosarcoma limb
    C41 other bones | bone cancer elsewhere | osteosarcoma skull spine pelvis
    C42 blood, bone marrow and spleen |
    C43 | melanoma of the skin | malignant
    C44 skin | skin cancer that is no melanoma | basal cell carcinoma squamous cell carcinoma
    C45 | cancer of a lining, from asbestos mostly | mesothelioma pleura
    C46 | sarcoma of Kaposi's kind | kaposi
    C47 nerves outside brain and spine | cancer of nerves outside brain and spine | peripheral
    C48 lining of the belly and space behind | cancer of the lining of the belly | peritoneum retroperitoneum
    C49 soft tissue | soft tissue cancer | sarcoma connective muscle
    C50 breast | breast cancer
    C51 vulva | vulvar cancer | vulva
    C52 vagina | vaginal cancer | vagina
    C53 neck of the womb | cervical cancer | cervix neck of the womb
    C54 body of the womb | cancer of the body of the womb | uterus endometrial carcinoma corpus
    C55 womb, part unclear | cancer of the womb, part unclear | uterus
    C56 ovary | ovarian cancer
    C57 other female genital organs | cancer of other female genital organs | fallopian tube
    C58 placenta | cancer of the placenta | choriocarcinoma
    C60 penis | cancer of the penis | penile
    C61 prostate | prostate cancer
    C62 testis | testicular cancer
    C63 other male genital organs | cancer of other male genital organs | scrotum epididymis
    C64 kidney | kidney cancer | renal cell carcinoma
    C65 renal pelvis | cancer of the renal pelvis | kidney
    C66 ureter | cancer of the ureter
    C67 bladder | bladder cancer | urinary
    C68 other urinary organs | cancer of other urinary organs | urethra
    C69 eye | eye cancer | retinoblastoma ocular
    C70 wrapping of brain and spine | cancer of the wrapping of brain or spine | meninges meningioma
    C71 brain | brain cancer | glioma glioblastoma
    C72 spinal cord and nerves of the head | cancer of spinal cord or nerves of the head | cranial
    C73 thyroid | thyroid cancer
    C74 adrenal gland | adrenal cancer | neuroblastoma
    C75 other hormone glands | cancer of other hormone glands | pituitary parathyroid endocrine
    C76 a region of the body, organ unclear | cancer of a region of the body, organ unclear
    C77 lymph nodes | cancer spread to lymph nodes | metastasis secondary
    C78 | cancer spread to lung, liver or gut | metastasis secondary
    C79 | cancer spread to other organs | metastasis secondary brain bone
    C80 place unknown | cancer from an unknown place | unknown primary
    C81 | lymphoma of Hodgkin's kind | hodgkin
    C82 | lymphoma of follicles | follicular
    C83 | lymphoma of B-cells without follicles | diffuse large
    C84 | lymphoma of mature T-cells | natural killer
    C85 | lymphoma of another or unclear kind | non-hodgkin
    C86 | lymphoma of T-cells, rarer kinds | natural killer
    C88 | cancer of antibody-making cells, rarer kinds | waldenstrom
    C90 | myeloma and other plasma cell cancers | multiple
    C91 | leukaemia of lymphatic cells | lymphoid lymphocytic lymphoblastic
    C92 | leukaemia of myeloid cells | granulocytic
    C93 | leukaemia of monocytes | monocytic
    C94 | leukaemia of another known cell | erythroid megakaryoblastic
    C95 | leukaemia of an unclear cell |
    C96 | cancer of blood or lymph, rarer kinds | histiocytosis mast cell
    C97 | several cancers that do not belong together | multiple primary
    D00 | in-situ tumour of mouth, gullet or stomach | carcinoma
    D01 | in-situ tumour of other digestive organs | carcinoma colon
    D02 | in-situ tumour of the airways | carcinoma lung larynx
    D03 | in-situ melanoma
    D04 | in-situ tumour of the skin | carcinoma
    D05 | in-situ tumour of the breast | carcinoma dcis lcis
    D06 | in-situ tumour of the neck of the womb | carcinoma cervix cin
    D07 | in-situ tumour of other genital organs | carcinoma prostate
    D09 | in-situ tumour elsewhere | carcinoma bladder
    D32 | benign tumour of the wrapping of brain or spine | meningioma meninges
    D33 | benign tumour of the brain or nerves
    D45 | too many red blood cells, as a tumour | polycythaemia vera
    D46 | myelodysplasia | mds preleukaemia
"""
"""Code, the place (ICD-O-3 topography), the disease (ICD-10), and other words by which both are looked for."""
_BELOW = re.compile(r"((?:ICD10|ICDO3):[A-Z][0-9]{2})\.[0-9]{1,2}")


def _read() -> tuple[dict[str, str], dict[str, str]]:
    names, words = {}, {}
    for line in _NAMES.strip().splitlines():
        parts = [part.strip() for part in line.strip()[3:].split("|")]
        code = line.strip()[:3]
        for system, name in zip(("ICDO3", "ICD10"), parts, strict=False):
            if name and code in CATEGORIES[system]:
                names[f"{system}:{code}"] = name
                words[f"{system}:{code}"] = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004  they stand third
    return names, words


_PLAIN, _WORDS = _read()
PLAIN_NAMES: Mapping[str, str] = MappingProxyType(_PLAIN)
"""Category, with its system, to our name for it."""


def plain_name(code: str) -> str:
    """Our name for a code; of one below a category that it lies within that; empty where we have none.

    Args:
        code: With its system, as ``ICD10:C34.1``.
    """
    if code in PLAIN_NAMES:
        return PLAIN_NAMES[code]
    if code in LABORATORY_NAMES:
        return LABORATORY_NAMES[code]
    found = _BELOW.fullmatch(code)
    name = PLAIN_NAMES.get(found[1], "") if found else ""
    return f"within {name}" if name else ""


def plain_words(code: str) -> str:
    """Other words by which a code is looked for: those of its category, and that it is a cancer where it is one."""
    if code in LABORATORY_NAMES:
        return spellings_of(code)
    words = _WORDS.get(code.partition(".")[0], "")
    return f"{words} cancer".strip() if ":C" in code and plain_name(code) else words


def named_codes() -> Iterator[str]:
    """Every code that we have a name for: categories, each followed by those below it, and laboratory tests."""
    for code in PLAIN_NAMES:
        system, _, category = code.partition(":")
        yield code
        yield from (f"{code}.{fourth}" for fourth in CATEGORIES[system][category])
    yield from LABORATORY_NAMES

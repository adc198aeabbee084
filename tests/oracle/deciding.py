"""The rule tables read in plain Python, row by row: what SQL makes of them must be the same."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

import pandas as pd

from oncommons.node.receive.class_rules import KINDS, Rule
from oncommons.node.receive.classify import FEW, RULES
from oncommons.node.receive.words import WORDS

_COLUMNS = ("Modality", "BodyPartExamined", "SeriesDescription", "StudyDescription", "SOPClassUID")


@cache
def says(notion: str, text: str) -> bool:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.replace("_", " ")) if not unicodedata.combining(c))
    return any(re.search(spelling, plain.lower().strip(" "), re.ASCII) for spelling in WORDS[notion])


def applies(rule: Rule, told: dict[str, str], *, many: bool, side: str) -> bool:
    """Whether a rule applies to a series whose source has no image type, agent or times."""
    series, study = told["SeriesDescription"], told["StudyDescription"]
    states = {"": True, "many": many, "left": side == "L", "right": side == "R"}
    return (
        (not rule.modality or told["Modality"].strip(" ").upper() in rule.modality.split())
        and not rule.image_type
        and not rule.timing
        and states.get(rule.state, False)
        and (not rule.kinds or told["SOPClassUID"] in " ".join(KINDS[kind] for kind in rule.kinds.split()).split())
        and all(says(notion, series) for notion in rule.says.split())
        and not any(says(notion, series) for notion in rule.never.split())
        and all(says(notion, study) for notion in rule.study.split())
        and not any(says(notion, study) for notion in rule.study_never.split())
    )


def decide(field: str, told: dict[str, str], *, many: bool) -> str | None:
    """The code of the first rule that applies."""
    part = told["BodyPartExamined"].strip(" ").upper()
    side = "L" if part.startswith("LEFT ") else "R" if part.startswith("RIGHT ") else ""
    return next((rule.code for rule in RULES[field] if applies(rule, told, many=many, side=side)), None)


def columns(raw: pd.DataFrame) -> dict[str, list[Any]]:
    """Field to the code of every row."""
    texts = [raw[name].astype(object).map(lambda v: v if isinstance(v, str) else "") for name in _COLUMNS]
    keys = list(zip(*texts, (raw["instanceCount"].astype(int) > FEW).tolist(), strict=True))
    known = {
        key: {f: decide(f, dict(zip(_COLUMNS, key[:-1], strict=True)), many=key[-1]) for f in RULES}
        for key in set(keys)
    }
    return {field: [known[key][field] for key in keys] for field in RULES}

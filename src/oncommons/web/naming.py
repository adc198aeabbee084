"""What codes are called on a page: by the labels that the hub has imported, in the reader's language, or by our own names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from oncommons.client.connection import Connection
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dictionary import fields_named
from oncommons.schema.errors import OncommonsError
from oncommons.schema.labels import language_of
from oncommons.schema.plain_names import plain_name
from oncommons.web.form import Form

MOST_FOUND = 24
Names = Mapping[str, str]
"""Code to label."""


@dataclass(frozen=True)
class FoundCode:
    """A code that was found by words.

    Attributes:
        field: The name of its control, such as ``condition.code``.
        code: The code.
        label: What it is called.
        href: The form with the code put in.
        chosen: Whether it is in the form already.
    """

    field: str
    code: str
    label: str
    href: str
    chosen: bool


def reader_language(request: Request) -> str:
    """The first language that a reader's browser asks for; empty where it asks for none."""
    first = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]
    return language_of(first)


def names_of(connection: Connection, codes: Iterable[str], language: str) -> Names:
    """Labels of codes; our own names where the hub cannot be asked."""
    wanted = tuple(dict.fromkeys(codes))
    if not wanted:
        return {}
    try:
        return connection.labels(wanted, language)
    except OncommonsError:
        return {code: plain_name(code) for code in wanted}


def ruled_codes(cards: Iterable[DatasetCard]) -> list[str]:
    """Codes on cards that the dictionary gives by a rule, and so has no label for."""
    return [code for card in cards for name, codes in card.codes.items() if _is_ruled(name) for code in codes]


def is_words(form: Form, control: str) -> bool:
    """Whether a control holds codes of a rule, where somebody may have typed words."""
    return control in _CONTROLS and bool(form.all(control))


def found_codes(form: Form, terms: Iterable[Mapping[str, Any]], instead_of: str = "") -> tuple[FoundCode, ...]:
    """Codes to put into the form, the best first.

    Args:
        form: What was typed.
        terms: What the hub found.
        instead_of: The control whose words the code takes the place of; empty where it is added to what is there.
    """
    found = []
    for term in terms:
        control, code = f"{term['entity']}.{term['field']}", term["code"]
        if code is None or control not in _CONTROLS or (instead_of and control != instead_of):
            continue
        before = () if instead_of else form.all(control)
        chosen = code in " ".join(form.all(control)).split()
        pairs = [(name, value) for name, value in form.pairs() if name not in {control, "do"}]
        href = "/ask?" + urlencode([*pairs, (control, " ".join([*before, code])), ("do", "find")]) + "#found"
        found.append(FoundCode(control, code, str(term["label"]), href, chosen))
    return tuple(found[:MOST_FOUND])


def _is_ruled(name: str) -> bool:
    return any(field.type == "code" and field.codes.pattern for field in fields_named(name))


def _controls() -> frozenset[str]:
    names = ("code", "topography", "morphology", "marker", "treatment_code", "specimen_site")
    return frozenset(f"{field.entity}.{field.name}" for name in names for field in fields_named(name))


_CONTROLS = _controls()
"""Controls whose codes are looked for by words."""

"""Write the reference pages that are computed from the code, or check that they are fresh.

Usage: ``python scripts/reference.py --write`` or ``--check``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from oncommons.schema.dictionary import DICTIONARY_VERSION, ENTITIES, FIELDS, Field
from oncommons.schema.errors import every_error
from oncommons.schema.vocabulary import VOCABULARIES, Vocabulary

DOCS = Path(__file__).resolve().parent.parent / "docs"
_NOTE = "<!-- Written by scripts/reference.py from the code; change the code, then run it with --write. -->"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; bars inside a cell are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def errors_page() -> str:
    """Every error code with its title, what happened, and its page."""
    rows = []
    for kind in sorted(every_error(), key=lambda kind: kind.code):
        meaning = (kind.__doc__ or "").partition("\n")[0]
        rows.append([f"[{kind.code}](errors/{kind.code}.md)", kind.title, meaning, f"`{kind.__name__}`"])
    parts = [
        "# Reference: error codes",
        _NOTE,
        (
            "Every error of oncommons has a stable code, a message that is safe to show to a stranger, and a page.\n"
            "The page says what happened and how to resolve it.\n"
            "A code is never used again for something else.\n"
            "Codes that end in 00 name a whole group; E500 is what nobody foresaw."
        ),
        table(["code", "title", "in a sentence", "class in `oncommons.schema.errors`"], rows),
    ]
    return "\n\n".join(parts) + "\n"


def dictionary_page() -> str:
    """Every entity, field and vocabulary that a question may name."""
    entities = [[f"`{e.name}`", f"`{e.parent}`" if e.parent else "-", e.meaning, e.source] for e in ENTITIES.values()]
    parts = [
        "# Reference: data dictionary",
        _NOTE,
        (
            f"This is version {DICTIONARY_VERSION} of the dictionary.\n"
            "A question may name these entities, fields and codes, and nothing else.\n"
            "A field belongs to its entity and may be tested there or on any entity below."
        ),
        "## Entities",
        table(["entity", "belongs to", "what a row is", "source"], entities),
        "## Fields",
        table(["field", "entity", "values", "meaning", "source"], [_field(f) for f in FIELDS]),
        "## Vocabularies",
        *(_vocabulary(v) for v in VOCABULARIES.values()),
    ]
    return "\n\n".join(parts) + "\n"


def _field(field: Field) -> list[str]:
    values = f"code of [{field.vocabulary}](#{field.vocabulary})" if field.vocabulary else field.type
    values += f", in `{field.unit}` (UCUM)" if field.unit else ""
    return [f"`{field.name}`", f"`{field.entity}`", values, field.meaning, field.source]


def _vocabulary(vocabulary: Vocabulary) -> str:
    parts = [f"### {vocabulary.name}", f"Source: {vocabulary.source}.\nExample: `{vocabulary.example}`."]
    if vocabulary.pattern:
        parts.append(f"A code is accepted when it matches this expression as a whole: `{vocabulary.pattern}`.")
    if vocabulary.codes:
        parts.append(table(["code", "label"], [[f"`{code}`", label] for code, label in vocabulary.codes.items()]))
    return "\n\n".join(parts)


PAGES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {"reference-errors.md": errors_page, "reference-dictionary.md": dictionary_page}
)


def stale(docs: Path) -> list[str]:
    """Names of the pages that are not what the code says."""
    return [name for name, page in PAGES.items() if _text(docs / name) != page()]


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def main(arguments: list[str], docs: Path = DOCS) -> int:
    """Write the pages, or name those that are stale; 1 when there are some, 2 when called wrongly."""
    match arguments:
        case ["--write"]:
            for name, page in PAGES.items():
                (docs / name).write_text(page(), encoding="utf-8")
            return 0
        case ["--check"]:
            for name in (old := stale(docs)):
                print(f"docs/{name} is stale: python scripts/reference.py --write")
            return 1 if old else 0
        case _:
            print("usage: python scripts/reference.py --write | --check")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

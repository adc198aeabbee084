"""Write the reference pages that are computed from the code, or check that they are fresh.

Usage: ``python scripts/reference.py --write`` or ``--check``.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any

from typer.main import get_command

import oncommons
from oncommons import cli
from oncommons.client.inside import connect_inside
from oncommons.hub.app import make_app
from oncommons.hub.opening import open_hub
from oncommons.schema.codelist import Vocabulary
from oncommons.schema.dictionary import DICTIONARY_VERSION, ENTITIES, FIELDS, Field
from oncommons.schema.errors import every_error
from oncommons.schema.statuses import status_of
from oncommons.schema.vocabulary import VOCABULARIES
from oncommons.service import settings
from oncommons.service.http import MOST_BYTES
from oncommons.web.app import make_pages

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
_NOTE = "<!-- Written by scripts/reference.py from the code; change the code, then run it with --write. -->"

OUTSIDE: Mapping[str, str] = MappingProxyType(
    {
        "HTTPS_PROXY": "Proxy for calls to an `https://` hub, such as `http://proxy.hospital.example:3128`.",
        "NO_PROXY": "Hosts that are called without the proxy, separated by commas.",
        "SSL_CERT_FILE": "File of certificates to trust instead of the system's, where `--ca` is not given.",
    },
)
"""Variables that are not ours, which everything that calls a hub obeys."""

STATIC: Mapping[str, str] = MappingProxyType(
    {
        "/api/openapi.json": "The routes as OpenAPI.",
        "/static": "Style sheet and scripts of the pages.",
    },
)
"""Paths that have no text of their own."""

LICENCES: Mapping[str, str] = MappingProxyType(
    {
        "BSD 2-Clause License": "BSD-2-Clause",
        "License :: OSI Approved :: Apache Software License": "Apache-2.0",
        "License :: OSI Approved :: BSD License": "BSD",
        "License :: OSI Approved :: MIT License": "MIT",
    },
)
"""How some packages write their licence, and its short name."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; bars inside a cell are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def page(title: str, *parts: str) -> str:
    """A reference page: its title, the note that it is computed, and its parts."""
    return "\n\n".join([f"# Reference: {title}", _NOTE, *parts]) + "\n"


def errors_page() -> str:
    """Every error code with its title, what happened, and its page."""
    rows = []
    for kind in sorted(every_error(), key=lambda kind: kind.code):
        meaning = (kind.__doc__ or "").partition("\n")[0]
        rows.append([f"[{kind.code}](errors/{kind.code}.md)", kind.title, meaning, f"`{kind.__name__}`"])
    return page(
        "error codes",
        (
            "Every error of oncommons has a stable code, a message that is safe to show to a stranger, and a page.\n"
            "The page says what happened and how to resolve it.\n"
            "A code is never used again for something else.\n"
            "Codes that end in 00 name a whole group; E500 is what nobody foresaw."
        ),
        table(["code", "title", "in a sentence", "class in `oncommons.schema.errors`"], rows),
    )


def dictionary_page() -> str:
    """Every entity, field and vocabulary that a question may name."""
    entities = [[f"`{e.name}`", f"`{e.parent}`" if e.parent else "-", e.meaning, e.source] for e in ENTITIES.values()]
    return page(
        "data dictionary",
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
    )


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


def commands() -> Iterator[tuple[str, Any]]:
    """Every command of oncommons: its words and its Click command."""
    yield from _below("oncommons", get_command(cli.build()))


def _below(words: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, below in inner.items():
        yield from _below(f"{words} {name}", below)


def commands_page() -> str:
    """Every command with its arguments, options and an example."""
    told = {code: f"{kind.title} ({kind.code[:2]}…)" for kind, code in cli.EXIT_CODES.items()}
    told |= {0: "Success", 2: "The command was not understood", 130: "Interrupted"}
    codes = [[f"`{code}`", what] for code, what in sorted(told.items())]
    return page(
        "commands",
        (
            "A command is a noun and a verb; `demo` and `ask` stand alone.\n"
            "`--help` shows the same as this page, for every command.\n"
            "`--json` prints one JSON value on standard output, errors included.\n"
            "`oncommons --version` tells the version."
        ),
        *(_command(words, command) for words, command in commands()),
        "## Exit codes",
        "Which error belongs to which branch is told by its [code](reference-errors.md).",
        table(["code", "what happened"], codes),
    )


def _command(words: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join([words, "[OPTIONS]", *(p.name.upper() for p in arguments)])
    parts = [f"## {words}", _prose(command.help), f"Usage: `{usage}`"]
    if arguments:
        rows = [[f"`{p.name.upper()}`", p.help or ""] for p in arguments]
        parts.append(table(["argument", "meaning"], rows))
    rows = [[f"`{p.opts[0]}`", _default(p), f"`{p.envvar}`" if p.envvar else "", p.help or ""] for p in options]
    parts.append(table(["option", "default", "environment", "meaning"], rows))
    parts.append(f"```bash\n{command.epilog.removeprefix('Example: ')}\n```")
    return "\n\n".join(parts)


def _default(option: Any) -> str:
    if option.is_flag or option.multiple or option.default in (None, ""):
        return "off" if option.is_flag else ""
    return f"`{option.default}`"


def settings_rows() -> list[list[str]]:
    """The settings of a hub, from the table at the head of their module: option, environment, meaning."""
    rule = re.compile(r"^=+ +=+ +=+$", re.MULTILINE)
    _, _, rows, _ = rule.split(settings.__doc__ or "")
    return [re.split(r"  +", line.strip(), maxsplit=2) for line in rows.strip().splitlines()]


def variables() -> dict[str, tuple[str, list[str], str]]:
    """Every environment variable that a command reads: its option, the commands and what it means."""
    found: dict[str, tuple[str, list[str], str]] = {}
    for words, command in commands():
        for option in command.params:
            if option.envvar:
                found.setdefault(option.envvar, (option.opts[0], [], option.help))[1].append(f"`{words}`")
    return found


def settings_page() -> str:
    """Every setting: of a hub, of a node, of whoever asks."""
    hub = [[cell.replace("``", "`") for cell in row] for row in settings_rows()]
    named = {cell.strip("`") for row in hub for cell in row}
    others = [
        [f"`{name}`", f"`{option}`", ", ".join(used), meaning]
        for name, (option, used, meaning) in variables().items()
        if name not in named
    ]
    return page(
        "settings",
        "An option goes before the environment, and the environment before what the directory remembers.",
        "## Of a hub",
        (
            "`hub serve` keeps address, name, people and database in `hub.json` in the hub's directory for the next start.\n"
            "Only their owner may read this file, as it can hold the password of a database."
        ),
        table(["option", "environment", "meaning"], hub),
        (
            "`hub mail set` keeps what it is told in `mail.json` there, but the password:\n"
            "that is in a file of its own, or in `ONCOMMONS_MAIL_PASSWORD`."
        ),
        "## Of a node, and of whoever asks",
        table(["environment", "option", "commands", "meaning"], others),
        "The policy, the name and the pinned keys of a node are in `node.json` in its directory.",
        "## Of every call to a hub",
        (
            "Nodes, `oncommons ask` and the Python client obey these variables.\n"
            "Calls to plain `http://`, which is accepted on this machine only, take no proxy."
        ),
        table(["environment", "meaning"], [[f"`{name}`", meaning] for name, meaning in OUTSIDE.items()]),
    )


def application() -> Any:
    """The application of a hub that nobody runs, with its pages."""
    with tempfile.TemporaryDirectory() as folder:
        hub = open_hub(settings.read_settings(Path(folder)))
        found = make_app(hub, oncommons.__version__)
        hub.database.close()
    found.mount("/", make_pages(connect_inside(found), oncommons.__version__))
    return found


def routes(within: Any) -> Iterator[Any]:
    """Every route of an application, those of its pages included."""
    for route in within.routes:
        inner = getattr(route, "original_router", None) or (route if getattr(route, "routes", None) else None)
        if inner is not None:
            yield from routes(inner)
        elif route.path == "/" or not route.path.endswith("/"):  # others are a second spelling of one without it
            yield route


def http_page() -> str:
    """Every route of a hub."""
    wire: dict[str, str] = {}
    pages: list[list[str]] = []
    for route in routes(application()):
        if route.path in STATIC:
            pages.append([f"`{route.path}`", STATIC[route.path]])
        elif "page" in (inside := inspect.getclosurevars(route.endpoint).nonlocals):
            pages.append([f"`{route.path}`", _prose(inside["page"].__doc__).partition("\n")[0]])
        else:
            methods = ", ".join(sorted(route.methods - {"HEAD"}))
            wire[f"{route.path} {methods}"] = _route(methods, route)
    faults = [[f"[{kind.code}](errors/{kind.code}.md)", str(status_of(kind("")))] for kind in every_error()]
    return page(
        "HTTP",
        (
            "The hub speaks JSON over HTTPS.\n"
            f"A request has at most {MOST_BYTES:,} bytes.\n"
            "The description for machines (OpenAPI) is at `/api/openapi.json`; it leaves out the two routes of the "
            "work list."
        ),
        "## Routes",
        (
            "Those under `/api/link` need a node's access token (`Authorization: Bearer …`).\n"
            "Those under `/api/account` and `/api/people` need somebody's session, shown in the same way.\n"
            "The others need none: whoever reaches the hub can ask.\n"
            "A hub that was started with `--people required` wants a session or a program's token for all that asks, "
            "saves or watches."
        ),
        *(wire[name] for name in sorted(wire)),
        "## Errors",
        "Every error has the same shape; `at` is there when a place in the question can be named.",
        '```json\n{"error": {"code": "E102", "title": "No such field", "message": "…", "at": "where.all[1]"}}\n```',
        table(["code", "status"], sorted(faults)),
        "## Pages",
        "Pages are for people, and what they show can be had from the routes above.",
        table(["path", "what it shows"], sorted(pages)),
    )


def _route(methods: str, route: Any) -> str:
    summary = getattr(route, "summary", None)
    parts = [
        f"### {methods} {route.path}",
        *([f"{summary}."] if summary else []),
        _prose(inspect.getdoc(route.endpoint)),
    ]
    return "\n\n".join(parts)


def dependencies_page() -> str:
    """Every package that ours stands on, with the reason and its licence."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    needed = text[text.index("\ndependencies = [") : text.index("\n[project.optional-dependencies]")]
    extras = text[text.index("\n[project.optional-dependencies]") : text.index("\n[project.scripts]")]
    tests = re.findall(r'^  "((?!oncommons)[^"]+)",', extras[extras.index("\ntest = [") :], re.MULTILINE)
    return page(
        "dependencies",
        "Each package, the range of versions that we accept, why it is here, and the licence that it declares.",
        "## Always",
        table(
            ["package", "range", "reason", "licence"],
            [_package(what, why) for what, why in re.findall(r'^  "([^"]+)", +# (.+)$', needed, re.MULTILINE)],
        ),
        "## On request",
        ("An extra is asked for by its name in brackets:\n\n```bash\npython -m pip install 'oncommons[postgres]'\n```"),
        table(
            ["extra", "package", "range", "reason", "licence"],
            [[f"`{extra}`", *_package(what, why)] for extra, what, why in _extras(extras)],
        ),
        "## For tests only",
        "The extra `test` brings all of the above, and these.",
        table(["package", "range", "licence"], [[*_package(what, "")[:2], _package(what, "")[3]] for what in tests]),
    )


def _extras(text: str) -> list[tuple[str, str, str]]:
    """Name, package and reason of each extra but that of the tests; one of several packages has a line for each."""
    found = re.findall(r'^(\w+) = \["([^"]+)"\] +# (.+)$', text, re.MULTILINE)
    for name, lines in re.findall(r"^((?!test)\w+) = \[ *(?:#[^\n]*)?\n(.*?)^\]", text, re.MULTILINE | re.DOTALL):
        found += [(name, *pair) for pair in re.findall(r'^  "([^"]+)", +# (.+)$', lines, re.MULTILINE)]
    return found


def _package(requirement: str, reason: str) -> list[str]:
    name, extra, versions = re.fullmatch(r"([\w.-]+)(\[[\w,]+\])?(.*)", requirement, re.ASCII).groups()  # type: ignore[union-attr]
    return [f"{name}{extra or ''}", f"`{versions}`", reason, licence_of(name)]


def licence_of(name: str) -> str:
    """The licence that an installed package declares, in short; empty where it declares none in short."""
    about = metadata.metadata(name).json
    said = [about.get("license_expression", ""), about.get("license", ""), *reversed(about.get("classifier", []))]
    for text in filter(None, said):
        short = LICENCES.get(str(text), str(text))
        if re.fullmatch(r"[\w.-]+( (OR|AND) [\w.-]+)*", short):
            return short
    return ""


def python_page() -> str:
    """Every public name of the package."""
    names = [name for name in oncommons.__all__ if not name.startswith("__")]
    return page(
        "Python",
        (
            "These names are public, and are imported from `oncommons` itself.\n"
            "What is inside may move.\n"
            "`oncommons.__version__` is the version."
        ),
        *(_public(name, getattr(oncommons, name)) for name in names),
    )


def _public(name: str, thing: Any) -> str:
    parts = [f"## {name}"]
    if inspect.isfunction(thing):
        return "\n\n".join([*parts, _signature(thing, name), _prose(thing.__doc__)])
    parts.append(_prose(thing.__doc__))
    for inner, member in vars(thing).items():
        shown = getattr(member, "fget", None) or getattr(member, "__func__", None) or member
        if inner.startswith("_") or not inspect.isfunction(shown):
            continue
        heading = f"`{name}.{inner}`" if isinstance(member, property) else _signature(shown, f"{name}.{inner}")
        parts += [f"### {name}.{inner}", *([] if isinstance(member, property) else [heading]), _prose(shown.__doc__)]
    return "\n\n".join(parts)


def _signature(function: Any, name: str) -> str:
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(definition, ast.FunctionDef)
    arguments = [a for a in re.split(r", (?![^\[]*\])", ast.unparse(definition.args)) if a not in {"self", "cls"}]
    return f"`{name}({', '.join(arguments)}) -> {ast.unparse(definition.returns or ast.Constant(None))}`"


_SECTIONS: Mapping[str, str] = MappingProxyType(
    {"Args:": "Arguments:", "Attributes:": "Attributes:", "Raises:": "Errors:"}
)


def _prose(docstring: str | None) -> str:
    """A docstring as Markdown: its sections become lists, its roles become code."""
    text = re.sub(r":\w+:`~?([^`]+)`", lambda m: f"`{m[1].rpartition('.')[2]}`", inspect.cleandoc(docstring or ""))
    parts: list[str] = []
    for block in text.replace("``", "`").split("\n\n"):
        head, *lines = block.splitlines() or [""]
        if head not in _SECTIONS:
            parts.append(re.sub(r"(?<=[.:])  ?(?=[A-Z`])", "\n", " ".join([head, *lines])))
            continue
        items = re.sub(r"\n +", " ", "\n" + textwrap.dedent("\n".join(lines))).strip().splitlines()
        listed = [re.sub(r"^([\w`]+): ", r"- `\1`: ", item).replace("``", "`") for item in items]
        parts.append(f"{_SECTIONS[head]}\n\n" + "\n".join(listed))
    return "\n\n".join(parts)


PAGES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "reference-commands.md": commands_page,
        "reference-dependencies.md": dependencies_page,
        "reference-dictionary.md": dictionary_page,
        "reference-errors.md": errors_page,
        "reference-http.md": http_page,
        "reference-python.md": python_page,
        "reference-settings.md": settings_page,
    }
)


def stale(docs: Path) -> list[str]:
    """Names of the pages that are not what the code says."""
    return [name for name, write in PAGES.items() if _text(docs / name) != write()]


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def main(arguments: list[str], docs: Path = DOCS) -> int:
    """Write the pages, or name those that are stale; 1 when there are some, 2 when called wrongly."""
    match arguments:
        case ["--write"]:
            for name, write in PAGES.items():
                (docs / name).write_text(write(), encoding="utf-8")
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

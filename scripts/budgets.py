"""Measure the house against its budgets; the exit status is 1 when one is overspent.

Usage: ``python scripts/budgets.py [REPOSITORY]``.

Complexity is measured by ruff (C901) and the floors by import-linter; everything else of the budgets is here.
Nothing is imported: the sources are read with ``ast``, so a broken module is measured like any other.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

PACKAGE = "oncommons"
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
MAX_ARGUMENTS = 6
MAX_DEPTH = 2
MAX_DEPTH_OF_ERRORS = 3
MAX_MOCK_WORDS = 10
"""Per 100 test functions."""

LATE_IMPORTS: Mapping[str, str] = {}
"""Files that may import inside a function, each with its reason; a row that is no longer needed is a fault."""

MOCK_WORDS = frozenset({"mock", "Mock", "MagicMock", "AsyncMock", "monkeypatch", "mocker"})
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
VAGUE = re.compile(r"utils?|common|core|base|managers?|helpe\w+")

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Definition: TypeAlias = Function | ast.ClassDef


@dataclass(frozen=True, order=True)
class Fault:
    """One budget overspent: where, and in words with its number."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the repository's root, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        """The physical lines."""
        return self.text.splitlines()

    @property
    def place(self) -> tuple[str, ...]:
        """Folders below the package and the name of the module: ``hub/link/rules.py`` gives ``(hub, link, rules)``."""
        parts = Path(self.path).with_suffix("").parts
        return parts[parts.index(PACKAGE) + 1 :]

    @property
    def is_migration(self) -> bool:
        """Whether the file is a step of the database's schema."""
        return "migrations" in self.place

    @property
    def is_commands(self) -> bool:
        """Whether the file holds commands, whose arguments are options with names of their own."""
        return self.place[-1].split("_")[-1] == "commands"

    @cached_property
    def code_lines(self) -> frozenset[int]:
        """Numbers of the lines that are neither blank, nor comment, nor docstring."""
        silent = {i for i, line in enumerate(self.lines, 1) if not line.strip()}
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#"):
                silent.add(token.start[0])
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Module | Definition) and ast.get_docstring(node) is not None:
                silent.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
        return frozenset(range(1, len(self.lines) + 1)) - silent

    def length_of(self, function: Function) -> int:
        """Code lines of a function, what is nested in it included, decorators not."""
        return len(self.code_lines & set(range(function.lineno, (function.end_lineno or 0) + 1)))


@dataclass(frozen=True)
class Defined:
    """A function or class, the class it stands directly in, and whether the public can name it."""

    node: Definition
    owner: ast.ClassDef | None
    public: bool


def read(root: Path, folder: str) -> list[Source]:
    """Every Python file below a folder, in order of path."""
    files = sorted((root / folder).rglob("*.py"))
    return [Source(f.relative_to(root).as_posix(), f.read_text(encoding="utf-8")) for f in files]


def definitions(source: Source) -> Iterator[Defined]:
    """Every function and class of a file, nested ones included."""
    waiting: list[tuple[ast.AST, ast.ClassDef | None, bool]] = [(source.tree, None, True)]
    while waiting:
        parent, owner, public = waiting.pop()
        for node in ast.iter_child_nodes(parent):
            if not isinstance(node, Definition):
                waiting.append((node, owner, public))
                continue
            seen = public and not node.name.startswith("_")
            yield Defined(node, owner, seen)
            home = node if isinstance(node, ast.ClassDef) else None
            waiting.append((node, home, seen and home is not None))


def arguments_of(defined: Defined) -> int:
    """Named arguments of a function; ``self`` and ``cls`` are not counted."""
    node = defined.node
    if isinstance(node, ast.ClassDef):
        return 0
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    bound = defined.owner is not None and names[:1] in (["self"], ["cls"])
    return len(names) - bound


def sizes(source: Source) -> Iterator[Fault]:
    """Files, functions and argument lists that are too long."""
    if len(source.lines) > MAX_FILE_LINES:
        yield Fault(source.path, 1, f"file has {len(source.lines)} lines, budget {MAX_FILE_LINES}")
    for defined in definitions(source):
        node = defined.node
        if isinstance(node, ast.ClassDef):
            continue
        if not source.is_migration and (length := source.length_of(node)) > MAX_FUNCTION_LINES:
            what = f"function {node.name} has {length} code lines, budget {MAX_FUNCTION_LINES}"
            yield Fault(source.path, node.lineno, what)
        if not source.is_commands and (count := arguments_of(defined)) > MAX_ARGUMENTS:
            yield Fault(source.path, node.lineno, f"function {node.name} has {count} arguments, budget {MAX_ARGUMENTS}")


def words(source: Source) -> Iterator[Fault]:
    """Marks of unfinished business, and names of modules that say nothing."""
    for i, line in enumerate(source.lines, 1):
        if found := UNFINISHED.search(line):
            yield Fault(source.path, i, f"{found[0]} in the source, budget 0")
    for name in source.place:
        if any(VAGUE.fullmatch(word) for word in name.strip("_").split("_")):
            yield Fault(source.path, 1, f"vague name {name!r}, budget 0")


def public_things(source: Source) -> Iterator[tuple[str, int, bool]]:
    """What must have a docstring: name, line and whether it has one."""
    if not source.place[-1].startswith("_") or source.place[-1] == "__init__":
        yield "module", 1, ast.get_docstring(source.tree) is not None
    if source.is_migration:
        return
    for defined in definitions(source):
        node = defined.node
        decorators = {ast.unparse(d).rpartition(".")[2] for d in node.decorator_list}
        if defined.public and not decorators & {"overload", "override", "setter", "deleter"}:
            yield node.name, node.lineno, ast.get_docstring(node) is not None


def undocumented(source: Source) -> Iterator[Fault]:
    """Public modules, classes, functions and methods without a docstring."""
    for name, line, documented in public_things(source):
        if not documented:
            yield Fault(source.path, line, f"no docstring: {name}")


def late_imports(sources: list[Source], allowed: Mapping[str, str] = LATE_IMPORTS) -> Iterator[Fault]:
    """Imports inside a function where no reason is on record, and reasons that nothing needs."""
    unused = set(allowed)
    for source in sources:
        inside = {
            inner.lineno
            for defined in definitions(source)
            if isinstance(defined.node, Function)
            for inner in ast.walk(defined.node)
            if isinstance(inner, ast.Import | ast.ImportFrom)
        }
        if inside and source.path in allowed:
            unused.discard(source.path)
            continue
        for line in sorted(inside):
            yield Fault(source.path, line, "import inside a function, budget 0 without a reason in LATE_IMPORTS")
    for path in sorted(unused):
        yield Fault(path, 1, "LATE_IMPORTS has a reason for it, but nothing is imported late")


def untested(sources: list[Source], tests: list[Source]) -> Iterator[Fault]:
    """Modules without a test file of their name that holds at least one test."""
    filled = {Path(t.path) for t in tests if any(d.node.name.lower().startswith("test") for d in definitions(t))}
    anywhere = {p.name for p in filled if p.parts[1] not in {"docs", "scripts"}}
    names = [s.place[-1] for s in sources]
    for source in sources:
        *rooms, name = source.place
        if name in {"__init__", "__main__"} or source.is_migration:
            continue
        plain = f"test_{name.lstrip('_')}.py"
        full = f"test_{'_'.join([*rooms[-1:], name.lstrip('_')])}.py"
        found = Path("tests", *rooms, plain) in filled
        found |= any(p.name == full and p.is_relative_to(Path("tests", *rooms[:1])) for p in filled)
        found |= names.count(name) == 1 and plain in anywhere
        if not found:
            wanted = Path("tests", *rooms, plain).as_posix()
            yield Fault(source.path, 1, f"no test file of its name; {wanted} is expected")


def uncovered_folders(root: Path) -> Iterator[Fault]:
    """Folders with Python in or below them that the import linter cannot see."""
    package = root / "src" / PACKAGE
    folders = {parent for file in package.rglob("*.py") for parent in file.parents if parent.is_relative_to(package)}
    for folder in sorted(folders):
        if not (folder / "__init__.py").exists():
            yield Fault(folder.relative_to(root).as_posix(), 1, "folder without __init__.py")


def imported(source: Source) -> Iterator[tuple[str, str, int]]:
    """What a file imports of ours: dotted module, name (empty for a whole module) and line."""
    folders = (PACKAGE, *source.place[:-1])
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = folders[: len(folders) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((module, alias.name, node.lineno) for alias in node.names)


def both_ways(sources: list[Source]) -> Iterator[Fault]:
    """Pairs of rooms that import each other."""
    seen: dict[tuple[str, str], tuple[str, int]] = {}
    for source in sources:
        for module, name, line in imported(source):
            first, *rest = [*module.split("."), *([name] if name else [])]
            if first == PACKAGE and rest and rest[0] != source.place[0]:
                seen.setdefault((source.place[0], rest[0]), (source.path, line))
    for (here, there), (path, line) in sorted(seen.items()):
        if here < there and (there, here) in seen:
            back, at = seen[there, here]
            yield Fault(
                path, line, f"rooms {here} and {there} import each other, budget 0; the other way at {back}:{at}"
            )


Classes: TypeAlias = dict[tuple[str, str], tuple[Source, ast.ClassDef]]


def classes_of(sources: list[Source]) -> Classes:
    """Every class of ours by dotted module and name."""
    return {
        (".".join([PACKAGE, *s.place]).removesuffix(".__init__"), d.node.name): (s, d.node)
        for s in sources
        for d in definitions(s)
        if isinstance(d.node, ast.ClassDef)
    }


def chain(key: tuple[str, str], classes: Classes, seen: frozenset[tuple[str, str]] = frozenset()) -> tuple[int, bool]:
    """How many classes of ours stand in a line of descent, itself included, and whether it descends from an error."""
    source, node = classes[key]
    names = {name: (module, name) for module, name, _ in imported(source) if name}
    depth, is_error = 0, False
    for base in node.bases:
        name = ast.unparse(base).partition("[")[0].rpartition(".")[2]
        kind = getattr(builtins, name, None)
        is_error |= isinstance(kind, type) and issubclass(kind, BaseException)
        above = (key[0], name) if (key[0], name) in classes else names.get(name, ("", ""))
        if above in classes and above not in seen | {key}:
            deeper, error = chain(above, classes, seen | {key})
            depth, is_error = max(depth, deeper), is_error or error
    return depth + 1, is_error


def deep(sources: list[Source]) -> Iterator[Fault]:
    """Classes that descend from too many classes of ours."""
    classes = classes_of(sources)
    for key, (source, node) in classes.items():
        depth, is_error = chain(key, classes)
        budget = MAX_DEPTH_OF_ERRORS if is_error else MAX_DEPTH
        if depth > budget:
            yield Fault(source.path, node.lineno, f"class {node.name} has inheritance depth {depth}, budget {budget}")


def test_functions(tests: list[Source]) -> int:
    """How many test functions there are."""
    found = (d.node for t in tests for d in definitions(t))
    return sum(isinstance(node, Function) and node.name.startswith("test") for node in found)


def mock_words(test: Source) -> int:
    """Mock words among the names of a test file; words in text do not count."""
    tokens = tokenize.generate_tokens(io.StringIO(test.text).readline)
    return sum(token.type == tokenize.NAME and token.string in MOCK_WORDS for token in tokens)


def mocks_per_100(tests: list[Source]) -> float:
    """Mock words per 100 test functions."""
    return 100 * sum(map(mock_words, tests)) / max(1, test_functions(tests))


def mocked(tests: list[Source]) -> Iterator[Fault]:
    """Test files with mock words, when there are too many in all."""
    if (share := mocks_per_100(tests)) > MAX_MOCK_WORDS:
        for test in tests:
            if count := mock_words(test):
                what = f"{count} mock words; {share:.0f} per 100 tests in all, budget {MAX_MOCK_WORDS}"
                yield Fault(test.path, 1, what)


def faults(root: Path) -> list[Fault]:
    """Every overspent budget of a repository, in order of place."""
    sources, tests = read(root, f"src/{PACKAGE}"), read(root, "tests")
    found = [*late_imports(sources), *untested(sources, tests), *uncovered_folders(root)]
    found += [*both_ways(sources), *deep(sources), *mocked(tests)]
    for source in sources:
        found += [*sizes(source), *words(source), *undocumented(source)]
    return sorted(found)


def measures(root: Path) -> list[tuple[str, str, str]]:
    """What was measured: subject, number with the place that sets it, budget."""
    sources, tests = read(root, f"src/{PACKAGE}"), read(root, "tests")
    every = [(s, d) for s in sources for d in definitions(s)]
    files = max(((len(s.lines), s.path) for s in sources), default=(0, "none"))
    calls = [(s, d, d.node) for s, d in every if isinstance(d.node, Function)]
    length = max(
        ((s.length_of(n), f"{s.path}:{n.lineno}") for s, _, n in calls if not s.is_migration), default=(0, "none")
    )
    widest = max(
        ((arguments_of(d), f"{s.path}:{n.lineno}") for s, d, n in calls if not s.is_commands), default=(0, "none")
    )
    documented = [has for s in sources for _, _, has in public_things(s)]
    classes = classes_of(sources)
    depths = [(chain(key, classes), key) for key in classes]
    plain = max(((depth, ".".join(key)) for (depth, error), key in depths if not error), default=(0, "none"))
    errors = max((depth for (depth, error), _ in depths if error), default=0)
    code = sum(len(s.code_lines) for s in sources)
    return [
        ("files; code lines", f"{len(sources)}; {code:,}", "-"),
        ("longest file", f"{files[0]} lines ({files[1]})", str(MAX_FILE_LINES)),
        ("longest function", f"{length[0]} code lines ({length[1]})", str(MAX_FUNCTION_LINES)),
        ("most arguments", f"{widest[0]} ({widest[1]})", str(MAX_ARGUMENTS)),
        ("deepest inheritance", f"{plain[0]} ({plain[1]}); errors {errors}", f"{MAX_DEPTH}; {MAX_DEPTH_OF_ERRORS}"),
        ("public things with a docstring", f"{100 * sum(documented) / max(1, len(documented)):.0f} %", "100 %"),
        ("room pairs importing both ways", str(len(list(both_ways(sources)))), "0"),
        ("modules without a test of their name", str(len(list(untested(sources, tests)))), "0"),
        ("test functions", str(test_functions(tests)), "-"),
        ("mock words per 100 tests", f"{mocks_per_100(tests):.1f}", str(MAX_MOCK_WORDS)),
    ]


def main(arguments: list[str]) -> int:
    """Print the faults and the table; 1 when there are faults."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    found = faults(root)
    for fault in found:
        print(fault)
    if found:
        print()
    for subject, number, budget in measures(root):
        print(f"{subject:<38}{number:<58} budget {budget}")
    print(f"\n{len(found)} over budget." if found else "\nEvery budget is kept.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

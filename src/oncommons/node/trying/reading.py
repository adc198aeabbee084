"""Reading the code of an analysis: what it imports and calls that a pure function has no use for."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from oncommons.algorithms.pair import Analysis

PURE = frozenset(
    {
        "__future__", "abc", "bisect", "collections", "copy", "dataclasses", "decimal", "enum", "fractions", "functools",
        "heapq", "itertools", "math", "numbers", "numpy", "operator", "oncommons.algorithms", "oncommons.schema", "re",
        "scipy", "statistics", "string", "types", "typing", "typing_extensions",
    }
)  # fmt: skip
"""What the modules of an analysis may import, besides each other: nothing that knows the clock, chance or the world."""
DOORS = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "globals", "input", "open"})
"""Built-in functions that lead out of a pure one."""


def read(analysis: Analysis) -> Iterator[str]:
    """What stands in the code of an analysis and must not; in words, with the file and the line.

    Args:
        analysis: The analysis; its modules are those of its two halves, and what these import of their own package.
    """
    waiting, seen = [half.__module__ for half in (analysis.local, analysis.combine)], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or _is_pure(name):
            continue
        seen.add(name)
        source = _source(name)
        if source is None:
            yield f"the code of {name} cannot be read"
            continue
        tree = ast.parse(source.read_text(encoding="utf-8"), str(source))
        for node in ast.walk(tree):
            where = f"{source.name}, line {getattr(node, 'lineno', 0)}"
            for module in _imported(node, name):
                if module.split(".")[0] == name.split(".")[0]:
                    waiting += [one for one in (module, module.rpartition(".")[0]) if one in sys.modules]
                elif not _is_pure(module):
                    yield f"{where}: it imports {module}"
            if isinstance(node, ast.Global):
                yield f"{where}: it changes what is global, {', '.join(node.names)}"
            if isinstance(node, ast.Name) and node.id in DOORS:
                yield f"{where}: it uses {node.id}"


def _imported(node: ast.AST, name: str) -> list[str]:
    """Modules that a line imports, and names that may be modules."""
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    if isinstance(node, ast.ImportFrom):
        package = name.split(".")
        is_package = hasattr(sys.modules.get(name), "__path__")
        above = package[: len(package) - node.level + is_package] if node.level else []
        module = ".".join([*above, *([node.module] if node.module else [])])
        return [f"{module}.{one.name}" for one in node.names]
    return []


def _is_pure(module: str) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in PURE)


def _source(name: str) -> Path | None:
    found = getattr(sys.modules.get(name), "__file__", None)
    return Path(found) if found and found.endswith(".py") else None

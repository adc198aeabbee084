"""An answer as rows, and as a pandas DataFrame where pandas is installed."""

from __future__ import annotations

import importlib
from typing import Any

from oncommons.schema.answer import Answer, Count, DatasetAnswer
from oncommons.schema.errors import MissingPackage


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    """One row a dataset and group; a node without an answer has one row with its status and no numbers."""
    rows: list[dict[str, Any]] = []
    for node in answer.nodes:
        start = {"node": node.node, "status": node.status}
        found = [start | row for dataset in node.datasets for row in _dataset_rows(dataset)]
        rows += found or [start | {"dataset": None} | _numbers("certain", None) | _numbers("possible", None)]
    return rows


def to_frame(answer: Answer) -> Any:
    """The rows as a ``pandas.DataFrame``; suppressed values are missing, their bounds are not.

    Raises:
        MissingPackage: pandas is not installed.
    """
    try:
        pandas = importlib.import_module("pandas")
    except ModuleNotFoundError:
        raise MissingPackage("A DataFrame needs pandas: pip install 'oncommons[frame]'.") from None
    frame = pandas.DataFrame(rows_of(answer))
    whole = {
        name: "Int64" for name in frame.columns if name.startswith(("certain", "possible")) and "precision" not in name
    }
    return frame.astype(whole)


def _dataset_rows(dataset: DatasetAnswer) -> list[dict[str, Any]]:
    name = {"dataset": dataset.dataset}
    if dataset.unlisted is None:
        return [name | _numbers("certain", dataset.certain) | _numbers("possible", dataset.possible)]
    if not dataset.groups:
        return [name | _numbers("certain", dataset.certain) | _numbers("possible", dataset.possible)]
    return [
        name | dict(group.key) | _numbers("certain", group.certain) | _numbers("possible", group.possible)
        for group in dataset.groups
    ]


def _numbers(name: str, count: Count | None) -> dict[str, Any]:
    return {
        name: count.value if count else None,
        f"{name}_at_least": count.at_least if count else None,
        f"{name}_at_most": count.at_most if count else None,
        f"{name}_precision": count.precision if count else None,
    }

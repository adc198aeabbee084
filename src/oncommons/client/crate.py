"""A run as a research object: RO-Crate 1.1 with the profile Process Run Crate 0.5, in a zip file.

======================== ===============================================================================================
file                     is
======================== ===============================================================================================
ro-crate-metadata.json   what everything is: the run as an action, its software, settings, nodes and permit
ro-crate-preview.html    figures with captions and numbers, to be read without any program but a browser
asked.json               what was asked, to ask it again
run.json                 the record
``tables/``              each table as CSV and Parquet
``figures/``             each figure as SVG and PDF
======================== ===============================================================================================

The same record gives the same bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from oncommons.client.figures.told import closing
from oncommons.client.figures.words import plain
from oncommons.client.saving import File, figure_files, page_of, record_file, table_files
from oncommons.schema.errors import OncommonsError
from oncommons.schema.run import parse_run, run_in_words

CRATE = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_METADATA, _PREVIEW = "ro-crate-metadata.json", "ro-crate-preview.html"
_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The first moment that zip files know: files of a crate bear no other, so that it is the same each time."""

Entity = dict[str, Any]


def crate(record: Mapping[str, Any]) -> bytes:
    """A run as a research object.

    Args:
        record: Of the run.

    Raises:
        FiguresNeedPackage: matplotlib is not installed.
    """
    files = [_asked(record), record_file(record)]
    files += [replace(file, name=f"tables/{file.name}") for file in table_files(record)]
    files += [replace(file, name=f"figures/{file.name}") for file in figure_files(record)]
    described = json.dumps(metadata(record, files), indent=2, ensure_ascii=False)
    texts = {_METADATA: described, _PREVIEW: page_of(record)}
    bodies = {name: text.encode("utf-8", "replace") for name, text in texts.items()}
    bodies |= {file.name: file.body for file in files}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in bodies.items():
            archive.writestr(zipfile.ZipInfo(name, _BEGINNING), body, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def metadata(record: Mapping[str, Any], files: list[File]) -> dict[str, Any]:
    """What is in a crate (RO-Crate 1.1, section 3; Process Run Crate 0.5), as JSON-LD.

    Args:
        record: Of the run.
        files: With their places in the crate; the first of them says what was asked.
    """
    graph = [
        {"@id": _METADATA, "@type": "CreativeWork", "conformsTo": _ref(CRATE), "about": _ref("./")},
        _root(record, files),
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        _terms(record),
        _action(record, files),
        _software(record),
        *_people(record),
        *_nodes(record),
        *_settings(record),
        {"@id": _PREVIEW, "@type": "CreativeWork", "about": _ref("./"), "name": "Figures and their numbers"},
        *map(_file, files),
    ]
    return {"@context": f"{CRATE}/context", "@graph": graph}


def _asked(record: Mapping[str, Any]) -> File:
    body = json.dumps(record.get("run", {}), indent=2, ensure_ascii=False).encode("utf-8", "replace")
    return File("asked.json", "What was asked, to be asked again.", "application/json", body)


def _root(record: Mapping[str, Any], files: list[File]) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": plain(record.get("title", "Analysis")),
        "description": f"{_sentence(record)} {closing(record, '')}",
        "identifier": plain(record.get("id", "")),
        "datePublished": _when(record, "ended_at"),
        "author": _ref("#asker"),
        "license": _ref("#terms"),
        "conformsTo": _ref(PROFILE),
        "hasPart": [_ref(file.name) for file in files],
        "mentions": _ref("#run"),
    }


def _terms(record: Mapping[str, Any]) -> Entity:
    permit = plain(record.get("permit", ""))
    return {
        "@id": "#terms",
        "@type": "CreativeWork",
        "name": f"Permit {permit}",
        "identifier": permit,
        "description": f"The analysis was made under the permit {permit}; it says for what the result may be used.",
    }


def _action(record: Mapping[str, Any], files: list[File]) -> Entity:
    asked, *others = files
    action: Entity = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Run {plain(record.get('id', ''))} of {plain(record.get('title', 'an analysis'))}",
        "description": _sentence(record),
        "instrument": _ref("#analysis"),
        "agent": _ref("#asker"),
        "participant": [_ref(one["@id"]) for one in _nodes(record) if one["@type"] == "Organization"],
        "object": [_ref(asked.name), *(_ref(one["@id"]) for one in _settings(record))],
        "result": [_ref(file.name) for file in others],
        "endTime": _when(record, "ended_at"),
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    return action | ({"startTime": _when(record, "asked_at")} if record.get("asked_at") else {})


def _software(record: Mapping[str, Any]) -> Entity:
    name = _chosen(record).get("analysis", "analysis")
    return {
        "@id": "#analysis",
        "@type": "SoftwareApplication",
        "name": f"oncommons, analysis {plain(name)}",
        "description": plain(record.get("title", "")),
        "softwareVersion": f"analysis {plain(record.get('version', ''))}, written by oncommons {version('oncommons')}",
        "citation": plain(record.get("source", "")),
    }


def _people(record: Mapping[str, Any]) -> list[Entity]:
    """Who asked; their name is that of their account, or that they are not known."""
    return [
        {"@id": "#asker", "@type": "Person", "name": plain(record.get("by") or "somebody with a pass of the permit")}
    ]


def _nodes(record: Mapping[str, Any]) -> list[Entity]:
    """Each node with what became of its part."""
    found: list[Entity] = []
    for place, node in enumerate(record.get("nodes", ()), 1):
        name, status = plain(node.get("node", "")), plain(node.get("status", ""))
        told = {
            "people": node.get("people", 0),
            "people of whom a variable is missing, at most": node.get("missing", 0),
        }
        values = [
            {"@id": f"#node-{place}-{i}", "@type": "PropertyValue", "name": said, "value": value}
            for i, (said, value) in enumerate(told.items(), 1)
            if status == "answered"
        ]
        said = f"{status}: {plain(node['reason'])}" if node.get("reason") else status
        properties = {"additionalProperty": [_ref(one["@id"]) for one in values]} if values else {}
        found += [{"@id": f"#node-{place}", "@type": "Organization", "name": name, "description": said, **properties}]
        found += values
    return found


def _settings(record: Mapping[str, Any]) -> list[Entity]:
    settings = _chosen(record).get("settings", {})
    return [
        {
            "@id": f"#setting-{place}",
            "@type": "PropertyValue",
            "name": plain(name),
            "value": value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False),
        }
        for place, (name, value) in enumerate(settings.items(), 1)
    ]


def _file(file: File) -> Entity:
    return {
        "@id": file.name,
        "@type": "File",
        "name": file.name.rpartition("/")[2],
        "description": file.says,
        "encodingFormat": file.kind,
        "contentSize": str(len(file.body)),
    }


def _chosen(record: Mapping[str, Any]) -> Mapping[str, Any]:
    run = record.get("run")
    return run if isinstance(run, Mapping) else {}


def _sentence(record: Mapping[str, Any]) -> str:
    """What was asked in words; the title where this version cannot read it."""
    try:
        return run_in_words(parse_run(dict(_chosen(record))))
    except OncommonsError:
        return f"{plain(record.get('title', 'Analysis'))}."


def _when(record: Mapping[str, Any], name: str) -> str:
    """A time of the record; of a record without any, the time now."""
    return str(record.get(name) or datetime.now(UTC).isoformat(timespec="seconds"))


def _ref(name: str) -> Entity:
    return {"@id": name}

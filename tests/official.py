"""The official schemas of GA4GH Beacon v2.1.1, read from the folder that ONCOMMONS_PROFILES names."""

import functools
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

PROFILES = Path(os.environ.get("ONCOMMONS_PROFILES", Path(__file__).parents[2] / "shared" / "reference" / "profiles"))
_HOME = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/"


def _retrieve(uri):
    path = PROFILES / "beacon_v2" / urlsplit(uri).path.removeprefix("/ga4gh-beacon/beacon-v2/main/")
    if not path.exists():  # the model refers to parts that only the framework has (ga4gh-beacon/beacon-v2, issue 206)
        path = PROFILES / "beacon_v2" / "framework" / "json" / "common" / path.name
    return Resource(json.loads(path.read_text("utf-8")), specification=DRAFT202012)


@functools.cache
def _validator(path):
    if not (PROFILES / "beacon_v2").is_dir():
        pytest.skip("the Beacon schemas are not here; ONCOMMONS_PROFILES names the folder that holds beacon_v2")
    registry = Registry(retrieve=_retrieve)
    return Draft202012Validator({"$ref": _HOME + path}, registry=registry)


def faults(body, path):
    """What an official schema finds wrong with a body; ``path`` lies in the specification's repository."""
    return [f"{list(e.absolute_path)}: {e.message[:200]}" for e in _validator(path).iter_errors(body)]


def framework(name):
    return f"framework/json/{name}.json"


def model(name):
    return f"models/json/beacon-v2-default-model/{name}/defaultSchema.json"

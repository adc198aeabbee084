"""The analyses that are installed."""

import subprocess
import sys
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points

import pytest

from oncommons.algorithms.cox import COX
from oncommons.schema.errors import MissingPackage, UnknownValue
from oncommons.service import analyses as installed
from oncommons.service.analyses import GROUP, analyses, analysis_named, origin


def test_those_of_the_package_are_there_by_their_entry_points():
    assert {"cox", "glm", "survival"} <= set(analyses())
    assert list(analyses()) == sorted(analyses())
    assert all(one.name == name for name, one in analyses().items())


def test_what_only_the_hub_computes_with_is_not_loaded_with_them():
    """All of it takes half a second and 67 MB, and nodes only add up."""
    told = "import sys; from oncommons.service.analyses import analyses; analyses(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    assert "oncommons.algorithms.cox.combine" in loaded
    assert not {"scipy.stats", "scipy.special", "scipy.optimize", "scipy.linalg"} & set(loaded)


def test_one_that_is_not_there_is_named_with_those_that_are():
    assert analysis_named("cox").version == 1
    with pytest.raises(UnknownValue, match="There is no analysis 'nothing' here; there are"):
        analysis_named("nothing")


def test_without_what_they_compute_with_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(installed, "find_spec", lambda _: None)
    analyses.cache_clear()
    with pytest.raises(MissingPackage, match="pip install 'oncommons"):
        analyses()
    monkeypatch.undo()
    analyses.cache_clear()


def test_one_that_is_broken_keeps_nobody_from_the_others(monkeypatch, caplog):
    points = [
        EntryPoint("broken", "oncommons.algorithms.nothing:NOTHING", GROUP), EntryPoint("text", "oncommons.algorithms:__doc__", GROUP),
        EntryPoint("cox", "oncommons.algorithms.cox:COX", GROUP),
    ]  # fmt: skip
    monkeypatch.setattr(installed, "entry_points", lambda group: points if group == GROUP else [])
    analyses.cache_clear()
    assert list(analyses()) == ["cox"]
    assert ["broken" in caplog.text, "oncommons.algorithms:__doc__ is not an analysis" in caplog.text] == [True, True]
    monkeypatch.undo()
    analyses.cache_clear()


def test_those_of_the_package_come_from_it_and_others_from_theirs(monkeypatch):
    assert {origin(name) for name in analyses()} == {""}
    points = [EntryPoint("cox", "oncommons.algorithms.cox:COX", GROUP)]
    monkeypatch.setattr(installed, "entry_points", lambda group: points)
    for one in (analyses, origin):
        one.cache_clear()
    assert origin("cox") == "oncommons.algorithms.cox:COX, version 1"
    monkeypatch.undo()
    for one in (analyses, origin):
        one.cache_clear()


def test_nobody_takes_the_place_of_one_of_the_package(monkeypatch):
    ours = next(one for one in entry_points(group=GROUP) if one.name == "cox")
    theirs = EntryPoint("mine", "tests.service.test_analyses:SHADOW", GROUP)
    monkeypatch.setattr(installed, "entry_points", lambda group: [ours, theirs])
    analyses.cache_clear()
    assert analyses()["cox"].title == "Proportional hazards"
    monkeypatch.undo()
    analyses.cache_clear()


SHADOW = replace(COX, title="Somebody else's")

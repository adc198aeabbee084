"""Code is read: what it imports and calls that a pure function has no use for."""

import importlib
import sys

import pytest
from tests.node.trying.packages import BAD, GOOD, body_of, install

from oncommons.algorithms.glm import GLM
from oncommons.node.trying.reading import read
from oncommons.service.analyses import analyses


def analysis_of(folder, monkeypatch, name, body):
    install(folder, **{name: body})
    monkeypatch.syspath_prepend(str(folder))
    importlib.invalidate_caches()
    sys.modules.pop(f"own_{name}", None)
    return importlib.import_module(f"own_{name}").MINE


def test_what_is_pure_has_nothing(tmp_path, monkeypatch):
    known = analyses()  # before there is another one, which this process would not forget
    assert [list(read(one)) for one in known.values()] == [[]] * len(known)
    assert list(read(analysis_of(tmp_path, monkeypatch, "well", GOOD))) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("asks", "it imports socket"),
        ("clock", "it imports time"),
        ("reads", "it uses open"),
        ("keeps", "changes what is global, N"),
    ],
)
def test_what_is_not_is_told_with_its_line(tmp_path, monkeypatch, name, says):
    (told,) = read(analysis_of(tmp_path, monkeypatch, f"told_{name}", body_of(*BAD[name])))
    assert says in told
    assert told.startswith(f"own_told_{name}.py, line ")


def test_modules_of_the_same_package_are_read_too(tmp_path, monkeypatch):
    package = tmp_path / "mypack"
    package.mkdir()
    (package / "__init__.py").write_text("from .half import local\n")
    (package / "half.py").write_text("from . import deep\nlocal = deep.local\n")
    (package / "deep.py").write_text(
        "import os.path\nfrom oncommons.service import settings\n\ndef local(*_):\n    eval('1')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    half = importlib.import_module("mypack.half")
    half.local.__module__ = "mypack.half"
    told = list(read(type(GLM)(**{**vars(GLM), "local": half.local})))
    assert [one.split(": ")[1] for one in told] == [
        "it imports os.path", "it imports oncommons.service.settings", "it uses eval",
    ]  # fmt: skip
    assert all(one.startswith("deep.py, line ") for one in told)


def test_what_has_no_code_cannot_be_read():
    def local(*_):
        return None

    local.__module__ = "gone"
    assert list(read(type(GLM)(**{**vars(GLM), "local": local}))) == ["the code of gone cannot be read"]

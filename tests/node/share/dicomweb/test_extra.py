"""The optional packages of pictures."""

import sys

import pytest

from oncommons.node.share.dicomweb.extra import load_extra
from oncommons.schema.errors import MissingPackage


def test_a_module_of_ours_is_loaded():
    assert load_extra("oncommons.imaging.png").to_png


@pytest.mark.parametrize("package", ["numpy", "pydicom", "PIL", "gdcm"])
def test_a_package_that_is_not_installed_is_named_with_the_command_that_installs_it(tmp_path, package):
    (tmp_path / "needs_extra.py").write_text(f"raise ModuleNotFoundError('no', name='{package}.inner')")
    sys.path.insert(0, str(tmp_path))
    try:
        with pytest.raises(MissingPackage, match=rf"{package}.*oncommons\[viewer\]"):
            load_extra("needs_extra")
    finally:
        sys.path.remove(str(tmp_path))


def test_a_module_of_ours_that_is_missing_is_not_hidden():
    with pytest.raises(ModuleNotFoundError):
        load_extra("oncommons.nothing")

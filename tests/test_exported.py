"""What a researcher may import stays what it is."""

import oncommons

EXPORTED = (
    "Answer",
    "Connection",
    "Count",
    "OncommonsError",
    "Where",
    "__version__",
    "between",
    "connect",
    "has",
    "missing",
    "recorded",
    "some",
    "to_frame",
)


def test_the_exported_names_are_these():
    assert tuple(oncommons.__all__) == EXPORTED


def test_every_exported_name_is_there_and_documented():
    for name in EXPORTED:
        found = getattr(oncommons, name)
        assert isinstance(found, str) or found.__doc__


def test_the_version_is_that_of_the_package():
    assert oncommons.__version__.count(".") == 2

"""Every odd class and what must become of it, as a table; a good file beside it is always kept."""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.node.images import dicom
from tests.odd import archives, damaged, places, unusual

KEPT, REFUSED = {"kept": 1}, {"refused": 1}
DAMAGED, TOO_LARGE, MAY_SHOW, UNKNOWN, CONFLICT, DOCUMENT = (
    {code: 1} for code in ("E602", "E603", "E604", "E605", "E607", "E620")
)
NEIGHBOUR = "zzz/neighbour.dcm"


@dataclass(frozen=True)
class Case:
    """One odd class.

    Attributes:
        name: What it is.
        make: Puts it into a folder.
        outcome: How many of its files are kept, duplicate, refused, or in quarantine with which code.
        root: Whether only root can make it; ``False`` where root would not meet it, ``None`` where anybody can.
    """

    name: str
    make: Callable[[Path], None]
    outcome: Mapping[str, int]
    root: bool | None = None

    def lay(self, place):
        """Make a folder of it, with a good file that is read after it."""
        place.mkdir(parents=True)
        self.make(place)
        places.put(place, NEIGHBOUR, dicom(999))

    @property
    def came(self):
        """How many files must have come in, the good one included."""
        return sum(self.outcome.values()) + 1

    @property
    def possible(self):
        """Whether this user can make it and meets it."""
        return self.root is None or self.root == (os.geteuid() == 0)


def one(make, outcome):
    """A case of one file, named after the function that makes its bytes."""
    name = make.__name__.strip("_").replace("_", " ")
    return Case(name, lambda place: places.put(place, "odd.dcm", make()), outcome)


def some(name, outcome, **contents):
    """A case of several files, whose bytes are given."""

    def make(place):
        for file, content in contents.items():
            places.put(place, f"{file}.dcm", content())

    return Case(name, make, outcome)


def entry(make, outcome, root=None):
    """A case of entries of a folder."""
    return Case(make.__name__.replace("_", " "), make, outcome, root)


def given(name, content, outcome):
    """A case of one file whose bytes are known."""
    return Case(name, lambda place: places.put(place, "odd.dcm", content), outcome)


CUT = (
    one(damaged.cut_in_header, DAMAGED),
    one(damaged.cut_between_elements, DAMAGED),
    one(damaged.cut_before_pixels, DAMAGED),
    one(damaged.cut_in_pixels, DAMAGED),
    one(damaged.pixels_too_short, DAMAGED),
    one(damaged.pixels_empty, DAMAGED),
    one(damaged.frames_missing, DAMAGED),
    one(damaged.fragments_missing, DAMAGED),
    one(damaged.fragments_without_end, DAMAGED),
    one(damaged.pixels_without_item, DAMAGED),
    one(damaged.only_preamble, DAMAGED),
    one(damaged.only_meta, DAMAGED),
    one(damaged.deflated_cut, DAMAGED),
    one(damaged.deflated_garbage, DAMAGED),
)
"""What ends too early."""

LYING = (
    one(damaged.deep, DAMAGED),
    one(damaged.deep_in_unknown, DAMAGED),
    one(damaged.sequence_overrun, DAMAGED),
    one(damaged.item_overrun, DAMAGED),
    one(damaged.four_gigabytes, DAMAGED),
    one(damaged.four_gigabytes_of_pixels, DAMAGED),
    one(damaged.four_gigabytes_implicit, DAMAGED),
    one(damaged.beyond_the_end, DAMAGED),
    one(damaged.undefined_text, DAMAGED),
    one(damaged.out_of_order, DAMAGED),
    one(damaged.twice_the_same, DAMAGED),
    one(damaged.no_representation, DAMAGED),
    one(damaged.other_syntax, DAMAGED),
    one(damaged.deflated_bomb, TOO_LARGE),
    one(unusual.no_numbers, DAMAGED),
    entry(places.larger_than_any, TOO_LARGE),
)
"""What says of itself what is not so, or is too much."""

READABLE = (
    one(unusual.no_preamble, KEPT),
    one(unusual.no_meta, KEPT),
    one(unusual.preamble_and_bare_data, KEPT),
    one(unusual.meta_without_syntax, KEPT),
    one(unusual.wrong_meta_length, KEPT),
    one(unusual.big_endian, KEPT),
    one(unusual.deflated, KEPT),
    one(unusual.implicit, KEPT),
    one(unusual.open_ended, KEPT),
    one(unusual.unknown_character_set, KEPT),
    one(unusual.broken_character_set, KEPT),
    one(unusual.bad_utf_8, KEPT),
    one(unusual.wrong_representations, KEPT),
    one(unusual.odd_lengths, KEPT),
    one(unusual.many_items, KEPT),
    one(unusual.many_items_that_go, KEPT),
    one(unusual.unknown_in_the_dictionary, KEPT),
    entry(places.sparse, KEPT),
    entry(places.sparse_fragments, KEPT),
    *(given(f"{n} zero bytes at the end", unusual.trailing(bytes(n)), KEPT) for n in (1, 2, 3, 7, 8, 12, 512, 4096)),
    *(given(f"preamble of {n}", unusual.with_preamble(s), KEPT) for n, s in unusual.PREAMBLES.items()),
)
"""What is odd and can be kept."""

OTHER = (
    given("empty file", b"", REFUSED),
    given("one zero byte", b"\0", REFUSED),
    given("a thousand zero bytes", bytes(1000), REFUSED),
    given("text", b"Dear Sir or Madam,\n" * 40, REFUSED),
    given("PDF", b"%PDF-1.7\n" + b"x" * 500, REFUSED),
    given("JPEG", b"\xff\xd8\xff\xe0" + bytes(500), REFUSED),
    one(unusual.media_directory, REFUSED),
    one(unusual.private_syntax, UNKNOWN),
    one(unusual.structured_report, KEPT),
    one(unusual.hanging_protocol, UNKNOWN),
    one(unusual.encapsulated_pdf, DOCUMENT),
    one(unusual.photograph, MAY_SHOW),
)
"""What is no image, or none that can be cleaned."""

ENTRIES = (
    entry(places.odd_names, {"kept": len(places.NAMES)}),
    entry(places.folder_that_looks_like_a_file, KEPT),
    entry(places.link_loop, {"refused": 4}),
    entry(places.link_out, {"refused": 2}),
    entry(places.pipe, REFUSED),
    entry(places.device, REFUSED, root=True),
    entry(places.listening_socket, REFUSED),
    entry(places.unreadable, {"E602": 2}, root=False),
    entry(places.too_deep, DAMAGED),
    entry(places.duplicates, {"kept": 1, "duplicate": 2}),
    entry(places.paths_as_identifiers, {"kept": 2}),
    some("same identifier other pixels", {"kept": 1, **CONFLICT}, a=damaged.good, b=unusual.other_pixels),
)
"""What is odd about a file's name or place, not about its content."""


def packed(name, make, outcome):
    """A case of one archive, whose bytes are made when they are needed."""
    return Case(f"archive {name}", lambda place: places.put(place, name, make()), outcome)


INSIDE = {"kept": 2, "refused": 1, "E602": 1}
ARCHIVED = (
    *(packed(name, partial(archives.MAKERS[name], archives.MIXED), INSIDE) for name in archives.MAKERS),
    packed("named.docx", archives.whole, REFUSED),
    packed("one.dcm.gz", archives.single, KEPT),
    packed("nested.zip", archives.nested, {"kept": 3, "refused": 1, "E602": 1, "E643": 1}),
    packed("locked.zip", archives.locked, {"kept": 1, "E640": 1}),
    packed("paths.tar", archives.paths, {"kept": 4}),
    packed("entries.tar", archives.irregular, {"kept": 1, "refused": 3}),
    packed("cut.zip", archives.cut_zip, {"E641": 1}),
    packed("cut.tar.gz", archives.cut_tar, {"kept": 1, "E641": 1}),
    packed("again.zip", archives.again, {"kept": 1, "duplicate": 999}),
    packed("bomb.zip", archives.bomb_zip, {"E603": 1, "kept": 1}),
    packed("bomb.tar.gz", archives.bomb_tar, {"E603": 1, "kept": 1}),
    packed("bombs.zip", archives.bombs, {"refused": 4, "kept": 1}),
)
"""What comes in archives."""

CASES = (*CUT, *LYING, *READABLE, *OTHER, *ENTRIES, *ARCHIVED)


def counted(report):
    """What an import told, in the words of the table; takes ``to_json()`` of its report."""
    found = Counter({what: report[what] for what in ("kept", "duplicate", "refused")}) + Counter(report["quarantined"])
    found["kept"] -= 1  # the good file
    return dict(+found)

"""Accept headers as clients really write them, and what they get."""

import pytest

from oncommons.node.share.dicomweb.media import (
    BULKDATA,
    EXPLICIT,
    INSTANCE,
    INSTANCES,
    METADATA,
    RENDERED,
    Asked,
    Offer,
    choose,
    choose_syntax,
    frame_offers,
    read_accept,
)
from oncommons.schema.errors_of_protocols import NotAcceptable

J2K, JPEG, IMPLICIT = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2"
FRAMES = frame_offers("", 2)

WHOLE = 'multipart/related; type="application/dicom"; transfer-syntax='

WISHES = [
    ("", INSTANCES, "multipart/related", {""}),
    ("*/*", INSTANCE, "multipart/related", {""}),
    ("application/dicom", INSTANCE, "application/dicom", {""}),
    ('multipart/related; type="application/dicom"', INSTANCES, "multipart/related", {""}),
    ("multipart/related; type=application/dicom", INSTANCES, "multipart/related", {""}),
    ("multipart/related;type=application/dicom;transfer-syntax=*", INSTANCES, "multipart/related", {"*"}),
    ('multipart/related; transfer-syntax="*"; type="application/dicom"', INSTANCES, "multipart/related", {"*"}),
    ("multipart/related", INSTANCES, "multipart/related", {""}),
    ("Multipart/Related; Type=Application/DICOM", INSTANCES, "multipart/related", {""}),
    (f'multipart/related; type="application/dicom"; transfer-syntax={J2K}', INSTANCES, "multipart/related", {J2K}),
    (
        f"multipart/related; type=application/dicom; transfer-syntax={J2K}, application/dicom, {WHOLE}{EXPLICIT}",
        INSTANCES,
        "multipart/related",
        {J2K, EXPLICIT},
    ),
    ('multipart/related; type="*/*"', FRAMES, "multipart/related", {""}),
    ("multipart/related; type=application/octet-stream; transfer-syntax=*", FRAMES, "multipart/related", {"*"}),
    ("application/octet-stream", BULKDATA, "application/octet-stream", {""}),
    ("application/dicom+json, application/json", METADATA, "application/dicom+json", {""}),
    ("application/json;q=1, application/dicom+json;q=0.5", METADATA, "application/json", {""}),
    ("text/html, application/xhtml+xml, */*;q=0.8", METADATA, "application/dicom+json", {""}),
    ("application/*", METADATA, "application/dicom+json", {""}),
    ("image/png", RENDERED, "image/png", {""}),
    ("image/*, */*;q=0.1", RENDERED, "image/jpeg", {""}),
    ("image/", RENDERED, "image/jpeg", {""}),
    ("image/jpeg;q=0, image/png", RENDERED, "image/png", {""}),
    ("rubbish, image/gif;q=much", RENDERED, "image/gif", {""}),
]


@pytest.mark.parametrize(("header", "offers", "media", "syntaxes"), WISHES, ids=[wish[0] for wish in WISHES])
def test_a_wish_is_understood(header, offers, media, syntaxes):
    choice = choose(header, offers)
    assert (choice.offer.media, choice.syntaxes) == (media, syntaxes)


@pytest.mark.parametrize(
    ("header", "offers"),
    [
        ('multipart/related; type="application/dicom+xml"', METADATA),
        ("application/dicom+xml", METADATA),
        ("image/jp2", RENDERED),
        ("application/dicom", INSTANCES),
        ("*/*;q=0", RENDERED),
        ("nonsense", RENDERED),
        ('multipart/related; type="image/jp2"', FRAMES),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_told_what_can(header, offers):
    with pytest.raises(NotAcceptable) as told:
        choose(header, offers)
    assert str(offers[0]) in told.value.message


def test_the_most_wanted_comes_first():
    asked = read_accept("a/b;q=0.2, c/d, e/f;q=0.5")
    assert [one.media for one in asked] == ["c/d", "e/f", "a/b"]


def test_commas_and_semicolons_in_quotes_part_nothing():
    (asked,) = read_accept('multipart/related; type="a/b"; start="x,y;z\\"w"; transfer-syntax=1.2')
    assert asked == Asked("multipart/related", "a/b", "1.2", 1.0)


def test_compressed_frames_are_offered_native_and_as_they_are():
    assert frame_offers("image/jp2", 2) == (
        Offer("multipart/related", "application/octet-stream"),
        Offer("multipart/related", "image/jp2"),
    )
    assert len(frame_offers("image/jp2", 1)) == 4


@pytest.mark.parametrize(
    ("kept", "wanted", "given"),
    [
        (IMPLICIT, {"*"}, IMPLICIT),
        (IMPLICIT, {""}, EXPLICIT),
        (IMPLICIT, {EXPLICIT}, EXPLICIT),
        (EXPLICIT, {""}, EXPLICIT),
        (J2K, {""}, EXPLICIT),
        (J2K, {J2K, EXPLICIT}, J2K),
        (JPEG, {""}, JPEG),
        (JPEG, {EXPLICIT}, EXPLICIT),
    ],
)
def test_a_transfer_syntax_is_chosen(kept, wanted, given):
    assert choose_syntax(kept, frozenset(wanted), convertible=True) == given


def test_what_cannot_be_converted_is_given_as_it_is_where_nothing_is_named():
    assert choose_syntax(J2K, frozenset({""}), convertible=False) == J2K


@pytest.mark.parametrize(("wanted", "convertible"), [({EXPLICIT}, False), ({JPEG}, True), (set(), True)])
def test_a_transfer_syntax_that_cannot_be_given_is_told_with_those_that_can(wanted, convertible):
    with pytest.raises(NotAcceptable, match=J2K):
        choose_syntax(J2K, frozenset(wanted), convertible=convertible)

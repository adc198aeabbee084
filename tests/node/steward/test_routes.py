"""What pages ask of their node, over ASGI and without a socket."""

import asyncio
import hashlib
import io

import httpx
import pytest
from PIL import Image
from tests.node.images import bytes_below, dicom
from tests.node.steward.homes import EVIL, KINDS, MAKER, copied, entries, make_node, take_in, waiting

from oncommons.node.desk import Desk
from oncommons.node.flow import index_images
from oncommons.node.receive.table import About
from oncommons.node.steward.routes import LARGEST_ORDER, MOST_AT_ONCE, steward_app, steward_routes
from oncommons.schema.answer import exact

HOST = "http://127.0.0.1:8643"


def call(home, method, path, **options):
    async def send():
        transport = httpx.ASGITransport(steward_app(home), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            return await client.request(method, path, **options)

    return asyncio.run(send())


def get(home, path, **params):
    return call(home, "GET", path, params=params)


def post(home, path, body=None, **headers):
    return call(home, "POST", path, json=body, headers=headers)


@pytest.fixture
def own(node, tmp_path):
    """A node that a test may change."""
    return copied(node, tmp_path)


def counts(home):
    return {outcome: len(entries(home, outcome=outcome)) for outcome in KINDS}


def test_every_answer_is_for_this_browser_only_and_not_kept(node):
    us = waiting(node, "us/4.dcm")
    for path in ("", "/files", f"/files/{us}", f"/files/{us}/header", f"/files/{us}/picture", "/imports", "/mappings"):
        found = get(node, f"/api/node{path}")
        assert (found.status_code, found.headers["cache-control"]) == (200, "private, no-store")


def test_every_route_says_what_it_does(node):
    assert all(route.endpoint.__doc__ for route in steward_routes(node))


def test_what_came_in_is_told_newest_first_and_page_by_page(node):
    first = get(node, "/api/node/files", most="5").json()
    rest = get(node, "/api/node/files", most="5", page=first["older"]).json()
    told = [one["file"] for one in (*first["files"], *rest["files"])]
    assert sorted(told) == [entry.digest for entry in entries(node)]
    assert (len(first["files"]), first["newer"], rest["older"]) == (5, "", "")
    assert get(node, "/api/node/files", most="5", page=rest["newer"]).json()["files"] == first["files"]


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"outcome": "kept"}, 3),
        ({"outcome": "quarantined"}, 4),
        ({"code": "E604"}, 2),
        ({"dataset": "lung", "outcome": "refused"}, 1),
        ({"dataset": "liver"}, 0),
        ({"q": "' OR 1=1 --"}, 0),
        ({"outcome": EVIL}, 0),
    ],
)
def test_files_are_chosen(node, asked, number):
    assert len(get(node, "/api/node/files", **asked).json()["files"]) == number


def test_kept_files_are_found_by_pseudonym(node):
    patient = entries(node, outcome="kept")[0].patient
    assert len(get(node, "/api/node/files", q=patient).json()["files"]) == 3


@pytest.mark.parametrize(
    "asked",
    [{"page": "2"}, {"page": f"o'; --_{'a' * 64}"}, {"most": "0"}, {"most": "201"}, {"most": "-1"}, {"most": "\u0663"}],
)
def test_a_page_that_cannot_be_read_is_told(node, asked):
    found = get(node, "/api/node/files", **asked)
    assert (found.status_code, found.json()["error"]["code"]) == (400, "E405")


def test_a_waiting_file_is_told_with_its_reason_and_what_to_do(node):
    told = get(node, f"/api/node/files/{waiting(node, 'us/4.dcm')}").json()
    assert (told["code"], told["title"], told["way"]) == ("E604", "The image may show text", "look")
    assert told["origin"].endswith("us/4.dcm")
    assert (told["there"], told["picture"]["frames"]) == (True, 1)
    assert "release" in told["remedy"]


@pytest.mark.parametrize("what", ["", "/header", "/picture"])
@pytest.mark.parametrize(
    "digest", ["0" * 64, "A" * 64, "..%2fdeid.key", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "x", "a" * 64 + "%00"]
)
def test_nothing_but_a_file_that_came_in_is_found(node, digest, what):
    assert get(node, f"/api/node/files/{digest}{what}").status_code == 404


def test_a_waiting_file_is_shown_before_and_after(node):
    found = get(node, f"/api/node/files/{waiting(node, 'us/4.dcm')}/header").json()
    name = next(line for line in found["lines"] if line["keyword"] == "PatientName")
    assert (name["before"], name["done"]) == ("Quokka^Zebedee", "replaced")
    assert name["after"].startswith("P")
    assert found["both"]
    assert found["every"] == sum(found["counts"].values()) == found["found"]


def test_a_kept_file_is_shown_as_it_is_kept(node):
    found = get(node, f"/api/node/files/{entries(node, outcome='kept')[0].digest}/header").json()
    assert (found["both"], found["fault"], found["counts"]) == (False, None, {})
    assert {line["before"] for line in found["lines"]} == {None}


def test_a_damaged_file_is_shown_as_far_as_it_can_be_read(node):
    found = get(node, f"/api/node/files/{waiting(node, 'ct/7.dcm')}/header").json()
    assert (found["both"], found["fault"]["code"]) == (False, "E602")
    assert len(found["lines"]) > 10


def test_a_header_is_chosen_from(node):
    path = f"/api/node/files/{waiting(node, 'us/4.dcm')}/header"
    moved = get(node, path, done="moved").json()
    assert moved["found"] == moved["counts"]["moved"] == len(moved["lines"])
    assert [line["keyword"] for line in get(node, path, find="quokka").json()["lines"]] == ["PatientName"]
    assert get(node, path, start="5").json()["lines"][0] == get(node, path).json()["lines"][4]


def test_a_picture_is_a_png(node):
    found = get(node, f"/api/node/files/{waiting(node, 'us/4.dcm')}/picture", side="4")
    assert found.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(found.content)).size == (4, 4)


def test_where_there_is_no_picture_the_reason_is_told_or_drawn(node):
    path = f"/api/node/files/{waiting(node, 'ct/7.dcm')}/picture"
    plain, drawn = get(node, path), get(node, path, **{"else": "words"})
    assert plain.status_code >= 400
    assert drawn.headers["content-type"].startswith("image/svg+xml")


@pytest.mark.parametrize("asked", [{"frame": "0"}, {"frame": "x"}, {"side": "9999"}, {"look": "x-ray"}])
def test_a_picture_that_cannot_be_asked_for_is_told(node, asked):
    assert get(node, f"/api/node/files/{waiting(node, 'us/4.dcm')}/picture", **asked).status_code == 400


def test_imports_are_told_by_day_and_dataset(node):
    (day,) = get(node, "/api/node/imports").json()["days"]
    assert {outcome: day[outcome] for outcome in KINDS} == KINDS
    assert day["files_per_second"] > 0
    assert get(node, "/api/node/imports", days="0").status_code == 400


def test_values_that_no_rule_reads_are_told(node):
    columns = {one["column"]: one for one in get(node, "/api/node/mappings").json()["columns"]}
    assert [v["value"] for v in columns["manufacturer"]["values"] if v["code"] is None] == [MAKER]
    assert (columns["sex"]["missing"], columns["modality"]["unread"]) == (1, 0)


def test_a_mapping_is_accepted_and_applied(tmp_path):
    own = make_node(tmp_path, {"1.dcm": dicom(1, Manufacturer=MAKER)})
    index_images(own, "lung", About(""))
    lost = get(own, "/api/node/mappings").json()["unmapped"]
    assert MAKER in {one["raw"] for one in lost if one["field"] == "manufacturer"}
    decided = [{"field": "manufacturer", "raw": MAKER, "code": "GE"}, {"field": "sex", "raw": "x", "code": "zebra"}]
    told = post(own, "/api/node/mappings", {"mappings": decided}).json()
    assert (told["new"], told["series"] > 0, [fault["row"] for fault in told["faults"]]) == (1, True, [3])
    after = get(own, "/api/node/mappings").json()
    assert MAKER not in {one["raw"] for one in after["unmapped"]}
    (maker,) = (one for one in after["columns"] if one["column"] == "manufacturer")
    assert {v["value"]: v["code"] for v in maker["values"]}[MAKER] == "GE"


def test_mappings_of_another_shape_or_none_that_is_good_are_refused(own):
    assert post(own, "/api/node/mappings", {"mappings": "all"}).status_code == 400
    bad = post(own, "/api/node/mappings", {"mappings": [{"field": "sex", "raw": "x", "code": "zebra"}]})
    assert bad.json()["error"]["code"] == "E311"


def test_a_released_file_is_kept_and_can_be_asked_for(own):
    us = waiting(own, "us/4.dcm")
    found = post(own, f"/api/node/files/{us}/release", {"looked": True})
    assert found.json() == {"files": [{"file": us, "outcome": "kept", "code": "", "reason": ""}]}
    assert counts(own) == {"kept": 4, "quarantined": 3, "refused": 1}
    assert not (own.quarantine / us).exists()
    series = {"count": "series", "where": {"field": "modality", "in": ["XC"]}}
    assert Desk(own).answer(series).certain == exact(1)


@pytest.mark.parametrize("body", [{}, {"looked": False}, {"looked": "yes"}, {"looked": 1}])
def test_what_may_show_text_is_not_released_unlooked(own, body):
    us = waiting(own, "us/4.dcm")
    found = post(own, "/api/node/release", {"files": [us], **body})
    assert (found.status_code, found.json()["error"]["at"]) == (400, "looked")
    assert counts(own) == KINDS


def test_what_still_cannot_be_kept_goes_on_waiting(own):
    cut, twin = waiting(own, "ct/7.dcm"), waiting(own, "ct/6.dcm")
    told = post(own, "/api/node/release", {"files": [cut, twin]}).json()["files"]
    assert [(one["outcome"], one["code"]) for one in told] == [("quarantined", "E602"), ("quarantined", "E607")]
    assert counts(own) == KINDS


def test_a_rejected_file_is_gone_and_refused_if_it_comes_again(own):
    us = waiting(own, "us/4.dcm")
    assert post(own, f"/api/node/files/{us}/reject").json() == {"files": [{"file": us, "outcome": "refused"}]}
    assert not (own.quarantine / us).exists()
    assert counts(own) == {"kept": 3, "quarantined": 3, "refused": 2}
    take_in(own, own.folder.parent / "came")
    assert counts(own) == {"kept": 3, "quarantined": 3, "refused": 2}


def test_who_decides_is_recorded_and_told_beside_the_file(own):
    us, cut, other = waiting(own, "us/4.dcm"), waiting(own, "ct/7.dcm"), waiting(own, "ct/6.dcm")
    post(own, f"/api/node/files/{us}/release", {"looked": True, "by": " Anna Ström "})
    post(own, "/api/node/release", {"files": [cut], "by": "Ben"})
    post(own, f"/api/node/files/{other}/reject")
    told = {one: get(own, f"/api/node/files/{one}").json()["decisions"] for one in (us, cut, other)}
    assert [(d["decision"], d["by"], d["way"], d["became"]) for one in told.values() for d in one] == [
        ("release", "Anna Ström", "console", "kept"),
        ("release", "Ben", "console", "quarantined"),
        ("reject", "console", "console", "refused"),
    ]


@pytest.mark.parametrize("by", [5, ["Anna"], "x" * 65, "Anna\nBen", "\0"])
def test_a_name_that_cannot_be_one_decides_nothing(own, by):
    us = waiting(own, "us/4.dcm")
    found = post(own, f"/api/node/files/{us}/reject", {"by": by})
    assert (found.status_code, found.json()["error"]["at"]) == (400, "by")
    assert counts(own) == KINDS


def test_a_released_file_is_indexed_by_whom_the_console_asks(own):
    asked = []
    transport = httpx.ASGITransport(steward_app(own, asked.append), raise_app_exceptions=False)
    before = own.tables.current()

    async def release():
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            body = {"files": [waiting(own, "us/4.dcm"), waiting(own, "ct/7.dcm")], "looked": True}
            return await client.post("/api/node/release", json=body)

    assert asyncio.run(release()).status_code == 200
    assert (asked, own.tables.current()) == (["lung"], before)


@pytest.mark.parametrize("decision", ["release", "reject"])
def test_only_what_waits_is_decided(own, decision):
    kept = entries(own, outcome="kept")[0].digest
    us = waiting(own, "us/4.dcm")
    found = post(own, f"/api/node/{decision}", {"files": [us, kept], "looked": True})
    assert (found.status_code, found.json()["error"]["code"]) == (409, "E645")
    assert counts(own) == KINDS


@pytest.mark.parametrize("body", [None, [], "x", {}, {"files": []}, {"files": "x"}, {"files": [1]}])
def test_an_order_that_cannot_be_read_changes_nothing(own, body):
    assert post(own, "/api/node/reject", body).status_code == 400
    assert counts(own) == KINDS


def test_orders_have_limits(node):
    many = {"files": [f"{n:064x}" for n in range(MOST_AT_ONCE + 1)]}
    assert post(node, "/api/node/reject", many).json()["error"]["at"] == "files"
    assert call(node, "POST", "/api/node/reject", content=b" " * (LARGEST_ORDER + 1)).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://localhost:8643"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": HOST, "sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize("what", ["release", "reject", "files/{}/release", "files/{}/reject", "preview"])
def test_pages_of_other_sites_change_nothing(node, headers, what):
    us = waiting(node, "us/4.dcm")
    found = post(node, f"/api/node/{what.format(us)}", {"files": [us], "looked": True}, **headers)
    assert (found.status_code, found.json()["error"]["code"]) == (403, "E646")
    assert counts(node) == KINDS


def test_own_pages_and_programs_may_change_something(own):
    us, cut = waiting(own, "us/4.dcm"), waiting(own, "ct/7.dcm")
    page = {"origin": HOST, "sec-fetch-site": "same-origin"}
    assert post(own, f"/api/node/files/{us}/reject", None, **page).status_code == 200
    assert post(own, f"/api/node/files/{cut}/reject").status_code == 200


@pytest.mark.parametrize("what", ["release", "reject", "preview", "files/{}/release", "files/{}/reject"])
def test_nothing_is_changed_by_following_a_link(node, what):
    assert get(node, f"/api/node/{what.format(waiting(node, 'us/4.dcm'))}").status_code == 405


def test_a_file_is_tried_and_nothing_is_stored(node):
    before = bytes_below(node.folder)
    found = call(node, "POST", "/api/node/preview", content=dicom(99), params={"done": "moved"}).json()
    assert found["both"]
    assert {line["vr"] for line in found["lines"]} <= {"DA", "DT"}
    assert bytes_below(node.folder) == before
    assert not entries(node, digest=hashlib.sha256(dicom(99)).hexdigest())


@pytest.mark.parametrize(("raw", "code"), [(b"", "E601"), (b"dear sir or madam", "E601")])
def test_what_is_no_image_cannot_be_tried(node, raw, code):
    found = call(node, "POST", "/api/node/preview", content=raw)
    assert (found.status_code, found.json()["error"]["code"]) == (400, code)


def test_what_is_too_large_cannot_be_tried(node):
    async def endless():
        for _ in range(65):
            yield bytes(1024 * 1024)

    assert call(node, "POST", "/api/node/preview", content=endless()).status_code == 400

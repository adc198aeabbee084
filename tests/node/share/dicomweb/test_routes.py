"""Paths, queries and headers of the service, asked over ASGI without a socket."""

import asyncio
import json

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount
from tests.imaging.files import sample
from tests.node.images import ROOT
from tests.node.share.dicomweb.kept_files import KeptFiles, two_studies

from oncommons.node.share.dicomweb.routes import DicomWeb, json_reply
from oncommons.service.http import handle_errors

STUDY = f"/studies/{ROOT}.1"
SERIES = f"{STUDY}/series/{ROOT}.1.1"
SOP = f"{SERIES}/instances/{ROOT}.1.1.1"


@pytest.fixture
def ask(tmp_path):
    kept = KeptFiles(tmp_path, [*two_studies(), sample("rtplan.dcm")])

    def asked(path, url="", base="http://node:8643", method="GET", **headers):
        app = FastAPI(docs_url=None, redoc_url=None)
        handle_errors(app)
        app.router.routes.append(Mount("/dicom-web", routes=DicomWeb(lambda _: kept, url).routes()))

        async def send():
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return await client.request(method, f"/dicom-web{path}", headers=headers)

        return asyncio.run(send())

    return asked


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/studies", 3),
        ("/series", 4),
        ("/instances", 8),
        (f"{STUDY}/series", 2),
        (f"{STUDY}/instances", 5),
        (f"{SERIES}/instances", 3),
        ("/studies?PatientID=ANNA", 1),
        ("/instances?limit=3&offset=6", 2),
    ],
)
def test_every_search_of_the_standard_is_answered(ask, path, number):
    answer = ask(path)
    assert (answer.status_code, len(answer.json())) == (200, number)
    assert answer.headers["content-type"] == "application/dicom+json"


def test_a_search_that_finds_nothing_has_no_content(ask):
    for path in ("/studies?PatientID=NOBODY", "/studies/1.2.3/series", "/studies?offset=99"):
        answer = ask(path)
        assert (answer.status_code, answer.content) == (204, b"")


def test_what_remains_and_what_is_not_supported_is_told_in_a_warning(ask):
    warning = ask("/studies?limit=1&fuzzymatching=true").headers["warning"]
    assert warning.startswith('299 http://node:8643/dicom-web: "The fuzzymatching parameter is not supported.')
    assert '"There are 2 additional results that can be requested"' in warning
    assert "warning" not in ask("/studies").headers


def test_a_search_that_cannot_be_read_is_told_in_our_shape(ask):
    answer = ask("/studies?PatinetID=1")
    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["at"]) == (
        400,
        "E616",
        "PatinetID",
    )


@pytest.mark.parametrize("path", [STUDY, SERIES, SOP])
@pytest.mark.parametrize("more", ["", "/metadata"])
def test_objects_and_metadata_of_every_level_are_given(ask, path, more):
    answer = ask(path + more)
    number = {STUDY: 5, SERIES: 3, SOP: 1}[path]
    assert answer.status_code == 200
    assert number == (len(answer.json()) if more else answer.content.count(b"DICM"))


@pytest.mark.parametrize(
    "path", ["/studies/1.2", f"{STUDY}/series/1.2", f"{SERIES}/instances/1.2", f"/studies/1.2/series/{ROOT}.1.1"]
)
@pytest.mark.parametrize("more", ["", "/metadata", "/thumbnail"])
def test_what_is_not_kept_is_not_found(ask, path, more):
    answer = ask(path + more)
    assert answer.status_code in ({404, 406} if path == "/studies/1.2" else {404})
    assert "error" in answer.json()


@pytest.mark.parametrize(
    ("path", "media"),
    [
        (f"{SOP}/rendered", "image/jpeg"),
        (f"{SOP}/rendered?accept=image/png", "image/png"),
        (f"{SOP}/frames/1/rendered", "image/jpeg"),
        (f"{SOP}/frames/1/thumbnail", "image/png"),
        (f"{SOP}/thumbnail", "image/png"),
        (f"{SERIES}/thumbnail", "image/png"),
        (f"{STUDY}/thumbnail?viewport=64,64", "image/png"),
    ],
)
def test_pictures_are_given(ask, path, media):
    answer = ask(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(("path", "number"), [(STUDY, 5), (SERIES, 3)])
def test_studies_and_series_are_rendered(ask, path, number):
    answer = ask(f"{path}/rendered")
    assert answer.headers["content-type"].startswith('multipart/related; type="image/jpeg"')
    assert answer.content.count(b"Content-Type: image/jpeg") == number


def test_frames_and_long_values_are_given(ask):
    for path in (f"{SOP}/frames/1", f"{SOP}/bulkdata/7FE00010"):
        answer = ask(path, accept='multipart/related; type="*/*"')
        assert answer.status_code == 200
        assert b"\1\0" * 64 in answer.content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{SOP}/frames/2", 404),
        (f"{SOP}/frames/x", 400),
        (f"{SOP}/frames/1,,2", 400),
        (f"{SOP}/frames/1,1/rendered", 400),
        (f"{SOP}/frames/0/rendered", 400),
        (f"{SOP}/frames/2/rendered", 404),
        (f"{SOP}/bulkdata/00990099", 404),
        (f"{SOP}/rendered?viewport=x", 400),
        (f"{SOP}/rendered?accept=video/mp4", 406),
        (f"{SERIES}/metadata?accept=application/dicom%2Bxml", 406),
        ("/studies/9.9/rendered", 404),
        (f"{STUDY}/rendered?accept=image/png", 406),
    ],
)
def test_what_cannot_be_given_is_told_with_its_status_in_our_shape(ask, path, status):
    answer = ask(path)
    assert (answer.status_code, set(answer.json())) == (status, {"error"})


def test_what_a_query_takes_goes_before_what_the_header_takes(ask):
    answer = ask("/studies?accept=application/json", accept="application/dicom+json")
    assert answer.headers["content-type"] == "application/json"
    assert ask("/studies?accept=application/dicom+json").status_code == 200


@pytest.mark.parametrize(
    ("url", "base", "address"),
    [
        ("", "http://node:8643", "http://node:8643/dicom-web"),
        ("", "https://node", "https://node/dicom-web"),
        ("https://images.example/n/dicom-web", "http://node:8643", "https://images.example/n/dicom-web"),
    ],
)
def test_links_lead_to_where_clients_reach_the_service(ask, url, base, address):
    links = [one["00081190"]["Value"][0] for one in ask("/studies", url, base).json()]
    assert f"{address}{STUDY}" in links
    (one,) = ask(f"{SOP}/metadata", url, base).json()
    assert one["7FE00010"]["BulkDataURI"] == f"{address}{SOP}/bulkdata/7FE00010"


def test_a_client_that_leaves_the_port_out_is_led_back_to_it(ask):
    (first, *_) = ask("/studies", host="node").json()
    assert first["00081190"]["Value"][0].startswith("http://node:8643/dicom-web/")


def test_nothing_can_be_deleted(ask):
    answer = ask(STUDY, method="DELETE")
    assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


def test_a_body_is_told_as_dicom_json():
    answer = json_reply({"a": 1}, 202)
    assert (answer.status_code, answer.media_type, json.loads(answer.body)) == (202, "application/dicom+json", {"a": 1})


KEPT = "application/dicom; transfer-syntax=*"


def test_a_download_that_broke_goes_on_where_it_was(ask):
    whole = ask(SOP, accept=KEPT)
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    rest = ask(SOP, accept=KEPT, range="bytes=100-", **{"if-range": whole.headers["etag"]})
    size = len(whole.content)
    assert (rest.status_code, rest.headers["content-range"]) == (206, f"bytes 100-{size - 1}/{size}")
    assert whole.content[:100] + rest.content == whole.content


def test_a_download_of_something_else_begins_anew(ask):
    anew = ask(SOP, accept=KEPT, range="bytes=100-", **{"if-range": '"other"'})
    assert (anew.status_code, anew.content) == (200, ask(SOP, accept=KEPT).content)


def test_what_lies_behind_the_end_is_not_given(ask):
    size = len(ask(SOP, accept=KEPT).content)
    answer = ask(SOP, accept=KEPT, range=f"bytes={size}-")
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (416, f"bytes */{size}", b"")


def test_a_message_of_many_parts_has_no_stretches(ask):
    answer = ask(SERIES, accept='multipart/related; type="application/dicom"', range="bytes=0-9")
    assert (answer.status_code, "accept-ranges" in answer.headers) == (200, False)

"""A researcher with a permit and a standard client, before a node that really listens, over real files."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
import pydicom
import pytest
import requests
from dicomweb_client import DICOMwebClient
from tests.data import data
from tests.hub.callers import calling, listening
from tests.node.checked import keep
from tests.permits import body

import oncommons
from oncommons.node.home import Membership, make_home
from oncommons.node.outside_serving import DICOMWEB, make_outside
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.permit import parse_permit
from oncommons.service.serving import Listen, Serving, address_of, take_port
from oncommons.storage.ledger import Ledger
from oncommons.storage.permitted import PERMITS, Permitted


def slices(person, kind):
    """Eight slices of a person, and what was drawn on the series."""
    folder = data("sts") / person / kind
    images = sorted((folder / "image").iterdir())[:8]
    found = {f"{person} {kind} {path.name}": path.read_bytes() for path in images}
    return found | {f"{person} {kind} drawn": (folder / "mask" / "RS.dcm").read_bytes()}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with calling(tmp_path_factory.mktemp("hub")) as found:
        found.clock.now = datetime.now(UTC).timestamp()
        with listening(found) as url:
            yield found, url


@pytest.fixture(scope="module")
def node(hub, tmp_path_factory):
    """A node with two people of a dataset and one of another; the first person has series in both."""
    folder = tmp_path_factory.mktemp("node")
    issuer = hub[0].app.state.exchange.issuer
    member = Membership("athens", hub[1], issuer.name, issuer.keys())
    made = make_home(folder / "athens", Policy("noise")).with_membership(member).with_showing("permit")
    keep(made, folder, slices("STS_003", "CT") | slices("STS_006", "PET"), "sarcoma")
    keep(made, folder, slices("STS_003", "PET") | slices("STS_012", "CT"), "other")
    return made


@pytest.fixture(scope="module")
def place(node):
    """The address of its images, served."""
    listen = Listen("127.0.0.1", 0)
    taken = take_port(listen)
    serving = Serving(make_outside(node), taken, listen)
    serving.start()
    yield f"{address_of(taken, listen)}{DICOMWEB}"
    serving.stop()


@pytest.fixture(scope="module")
def passing(hub):
    """The pass of a person whose permit names the images of one dataset."""
    today = datetime.now(UTC)
    period = {"not_before": f"{today - timedelta(2):%Y-%m-%d}", "not_after": f"{today + timedelta(9):%Y-%m-%d}"}
    parts = {"datasets": [{"node": "athens", "dataset": "sarcoma"}], "analyses": ["images"], "period": period}
    _, passes = hub[0].app.state.permits.issue(parse_permit(body(**parts)), hub[1], today.timestamp())
    return str(passes["ana"])


@pytest.fixture(scope="module")
def client(hub, place, passing):
    session = requests.Session()
    with oncommons.connect(hub[1]) as connection:
        session.auth = connection.images("athens", passing)
        yield DICOMwebClient(place, session=session)


@pytest.fixture(scope="module")
def kept(node):
    """What is kept, by dataset and SOP Instance UID."""
    with closing(Ledger(node.ledger_file)) as ledger:
        return {(one.dataset, one.sop): one for one in ledger.objects()}


def place_of(one):
    return one.study, one.series, one.sop


def test_a_search_finds_the_dataset_of_the_permit_and_counts_nothing_else(client, kept):
    mine = [one for (dataset, _), one in kept.items() if dataset == "sarcoma"]
    assert {one["00080018"]["Value"][0] for one in client.search_for_instances()} == {one.sop for one in mine}
    studies = client.search_for_studies()
    assert sum(one["00201208"]["Value"][0] for one in studies) == len(mine) == 18
    assert sorted(tuple(one["00080061"]["Value"]) for one in studies) == [("CT", "RTSTRUCT"), ("PT", "RTSTRUCT")]


def test_everything_of_the_dataset_is_retrieved_with_its_pixels(client, node, kept):
    for (dataset, _), one in kept.items():
        if dataset == "sarcoma":
            given = client.retrieve_instance(*place_of(one))
            theirs = pydicom.dcmread(next(node.images.rglob(f"{one.sop}.dcm")))
            assert given.PatientIdentityRemoved == "YES"
            assert given == theirs
            if "PixelData" in theirs:
                frame = client.retrieve_instance_frames(*place_of(one), [1])[0]
                assert np.array_equal(np.frombuffer(frame, theirs.pixel_array.dtype), theirs.pixel_array.ravel())


def test_nothing_of_the_other_dataset_is_given_not_even_in_the_same_study(client, kept):
    others = [one for (dataset, _), one in kept.items() if dataset == "other"]
    for one in others:
        for ask in (client.retrieve_instance, client.retrieve_instance_metadata, client.retrieve_instance_rendered):
            with pytest.raises(requests.HTTPError, match="404"):
                ask(*place_of(one))
    for study in {one.study for one in others}:
        whole = {(dataset, sop) for (dataset, sop), one in kept.items() if one.study == study and dataset == "sarcoma"}
        found = client.search_for_instances(study)
        assert {one["00080018"]["Value"][0] for one in found} == {sop for _, sop in whole}


def test_a_permit_that_the_data_manager_takes_back_opens_nothing_from_then_on(place, hub, node, kept):
    today = datetime.now(UTC)
    period = {"not_before": f"{today - timedelta(2):%Y-%m-%d}", "not_after": f"{today + timedelta(9):%Y-%m-%d}"}
    parts = {"datasets": [{"node": "athens", "dataset": "sarcoma"}], "analyses": ["images"], "period": period}
    _, passes = hub[0].app.state.permits.issue(parse_permit(body(id="P-8", **parts)), hub[1], today.timestamp())
    study = next(one.study for (dataset, _), one in kept.items() if (dataset, one.modality) == ("sarcoma", "CT"))
    with oncommons.connect(hub[1]) as connection:
        shown = {"authorization": f"Bearer {connection.image_token('athens', str(passes['ana'])).token}"}
    whole = requests.get(f"{place}/studies/{study}", headers=shown, timeout=60)
    assert (whole.status_code, whole.content.count(b"DICM")) == (200, 9)
    with closing(Permitted(node.folder / PERMITS)) as manager:
        manager.revoke("P-8", today.timestamp())
    assert requests.get(f"{place}/studies/{study}", headers=shown, timeout=60).json()["error"]["code"] == "E374"

"""The console as one application: the token, what is sent and what is served."""

import stat

import pytest
import requests
from tests.node.consoles import console
from tests.node.images import IDENTIFIERS, ROOT, bytes_below, dicom

from oncommons.node.console import ConsoleSettings, console_token, make_console
from oncommons.node.desk import Desk
from oncommons.node.optouts import opt_out, pseudonyms_of
from oncommons.schema.answer import exact
from oncommons.storage.decisions import Person

TYPE = 'multipart/related; type="application/dicom"; boundary=b'


def message(*raws):
    return b"".join(b"--b\r\n\r\n" + raw + b"\r\n" for raw in raws) + b"--b--"


def send(running, *raws, path="/studies"):
    headers = running.headers | {"Content-Type": TYPE}
    return requests.post(running.dicomweb + path, message(*raws), headers=headers, timeout=60)


def studies(running):
    return requests.get(f"{running.dicomweb}/studies", headers=running.headers, timeout=60)


def test_what_is_sent_is_kept_de_identified_and_served(home):
    with console(home) as running:
        assert send(running, dicom(1), dicom(2)).status_code == 202
        (study,) = studies(running).json()
        assert study["00201208"]["Value"] == [2]
        whole = requests.get(study["00081190"]["Value"][0], headers=running.headers, timeout=60).content
    assert whole.count(b"DICM") == 2
    assert [name for name in IDENTIFIERS if name.encode() in whole] == []


def test_images_of_somebody_who_opts_out_are_gone_from_a_running_console(home):
    with console(home) as running:
        send(running, dicom(1), dicom(1, study=2, patient="OTHER"))
        kept = [one["00081190"]["Value"][0] for one in studies(running).json()]
        opt_out(home, pseudonyms_of(home, ["OTHER"]), Person("mira", "command line"))
        (study,) = studies(running).json()
        found = {place: requests.get(place, headers=running.headers, timeout=60).status_code for place in kept}
    assert sorted(found.values()) == [200, 404]
    assert found[study["00081190"]["Value"][0]] == 200


def test_the_sender_is_not_told_under_which_identifiers_it_is_kept(home):
    with console(home) as running:
        told = send(running, dicom(1)).text
        (study,) = studies(running).json()
    assert f"{ROOT}.1.1.1" in told
    assert study["0020000D"]["Value"][0] not in told


def test_what_is_sent_can_be_asked_for_when_the_console_has_ended(home):
    with console(home, "lung") as running:
        send(running, dicom(1, study=1), dicom(1, study=2, patient="OTHER"))
    desk = Desk(home)
    assert desk.answer({"count": "person"}).certain == exact(2)
    assert desk.answer({"count": "study", "by": ["dataset"]}).datasets[0].dataset == "lung"
    desk.close()


def test_what_is_sent_can_be_asked_for_after_a_while(home):
    with console(home, quiet=0.0) as running:
        send(running, dicom(1))
        while home.tables.current() is None:
            assert studies(running).status_code == 200
        send(running, dicom(2))


def test_a_released_file_can_be_asked_for_when_the_console_has_ended_and_the_release_does_not_wait(home):
    with console(home, "lung") as running:
        send(running, dicom(1, Modality="XC"))
        (file,) = requests.get(f"{running.url}/api/node/files", headers=running.headers, timeout=60).json()["files"]
        place = f"{running.url}/api/node/files/{file['file']}/release"
        told = requests.post(place, json={"looked": True}, headers=running.headers, timeout=60).json()["files"]
        assert [one["outcome"] for one in told] == ["kept"]
        assert home.tables.current() is None
    assert Desk(home).answer({"count": "series"}).certain == exact(1)


def test_objects_of_another_study_are_refused(home):
    with console(home) as running:
        assert send(running, dicom(1), path=f"/studies/{ROOT}.2").status_code == 409
        assert send(running, dicom(1), path=f"/studies/{ROOT}.1").status_code == 202


def test_an_empty_node_serves_an_empty_list(home):
    with console(home) as running:
        assert studies(running).status_code == 204


@pytest.mark.parametrize("path", ["/dicom-web/studies", "/", "/nothing"])
def test_nothing_is_served_without_the_token(home, path):
    with console(home) as running:
        answer = requests.get(running.url + path, timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "E619")


def test_a_console_without_dicomweb_has_none(home):
    app = make_console(home, ConsoleSettings(dicomweb=False))
    assert [route.path for route in app.routes if "dicom" in route.path] == []


def test_the_token_is_made_once_and_read_by_its_owner_only(home):
    token = console_token(home)
    assert (len(token) >= 43, console_token(home)) == (True, token)
    assert stat.S_IMODE((home.folder / "console.token").stat().st_mode) == 0o600


def test_a_new_token_takes_the_place_of_the_old_one(home):
    assert console_token(home) != console_token(home, new=True) == console_token(home)


def test_a_console_leaves_no_drafts_behind(home):
    with console(home) as running:
        send(running, dicom(1))
    assert bytes_below(home.folder / "drafts") == {}


def test_a_console_that_has_ended_has_nothing_open_that_its_beacon_answered_from(home, monkeypatch):
    closed, close = [], Desk.close
    monkeypatch.setattr(Desk, "close", lambda desk: closed.append(desk.home.folder) or close(desk))
    with console(home, beacon=True) as running:
        place = f"{running.url}/beacon/individuals"
        assert requests.get(place, headers=running.headers, timeout=60).status_code < 500
    assert closed == [home.folder]

"""The operator's commands for providers."""

import io
import json

import pytest
from tests.hub.callers import Clock
from tests.hub.providers.liar import SECRET, lying

from oncommons.hub.providers.book import FILE

PROVIDER = ("hub", "provider")


@pytest.fixture(scope="module")
def liar():
    with lying(Clock()) as liar:
        yield liar


def run(oncommons, folder, *words):
    status, out, err = oncommons(*PROVIDER, *words, "--dir", folder, "--json")
    return status, json.loads(out) if out else err


def add(oncommons, folder, liar, *more):
    return run(oncommons, folder, "add", "keycloak", "--issuer", liar.issuer, "--client-id", "hub", *more)


def test_a_provider_is_added_listed_and_removed_and_its_secret_never_shown(oncommons, tmp_path, liar):
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n")
    shown = [add(oncommons, tmp_path, liar, "--title", "Keycloak", "--secret-file", tmp_path / "secret.txt")]
    assert shown[0][0] == 0
    assert shown[0][1]["redirect_uri"] == "URL/sign-in/back/keycloak"
    shown.append(run(oncommons, tmp_path, "list"))
    assert [one["has_secret"] for one in shown[1][1]["providers"]] == [True]
    shown.append(oncommons(*PROVIDER, "list", "--dir", tmp_path))
    assert "with secret\n  sends people back to URL/sign-in/back/keycloak" in shown[2][1]
    assert json.loads((tmp_path / FILE).read_text())["providers"][0]["secret"] == SECRET
    assert SECRET not in str(shown)
    assert run(oncommons, tmp_path, "remove", "keycloak")[1] == {"removed": "keycloak", "identities": 0}
    assert "by no provider yet" in oncommons(*PROVIDER, "list", "--dir", tmp_path)[1]


def test_a_provider_that_is_another_or_nobody_is_not_added(oncommons, tmp_path, liar):
    words = ("add", "x", "--client-id", "hub", "--issuer")
    assert run(oncommons, tmp_path, *words, f"{liar.issuer}/")[0] != 0
    status, err = run(oncommons, tmp_path, *words, "http://127.0.0.1:9")
    assert (status != 0, "E389" in str(err)) == (True, True)
    status, err = run(oncommons, tmp_path, *words, "http://id.example.org")
    assert (status != 0, "E208" in str(err)) == (True, True)
    assert not (tmp_path / FILE).exists()


def test_the_secret_is_taken_from_standard_input(oncommons, tmp_path, liar, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\nmore"))
    assert add(oncommons, tmp_path, liar, "--secret-file", "-")[0] == 0
    assert json.loads((tmp_path / FILE).read_text())["providers"][0]["secret"] == SECRET


@pytest.mark.parametrize("content", [None, "", "\nsecond line", "x" * 3000])
def test_a_file_that_holds_no_secret_is_refused(oncommons, tmp_path, liar, content):
    if content is not None:
        (tmp_path / "secret.txt").write_text(content)
    status, err = add(oncommons, tmp_path, liar, "--secret-file", tmp_path / "secret.txt")
    assert (status != 0, "E405" in str(err)) == (True, True)


def test_roles_follow_and_follow_no_more_and_stay_when_a_provider_is_added_again(oncommons, tmp_path, liar):
    row = ("keycloak", "--claim", "groups", "--value", "/athens", "--organisation", "Athens", "--role", "researcher")
    assert run(oncommons, tmp_path, "map", *row)[0] != 0
    add(oncommons, tmp_path, liar)
    wanted = [{"claim": "groups", "value": "/athens", "organisation": "Athens", "role": "researcher"}]
    assert run(oncommons, tmp_path, "map", *row)[1]["roles"] == wanted
    assert run(oncommons, tmp_path, "map", *row)[1]["roles"] == wanted
    more = ("--scope", "ga4gh_passport_v1", "--visa-issuer", f"https://visas.example.org={liar.issuer}/keys")
    again = add(oncommons, tmp_path, liar, *more)[1]
    assert (again["roles"], again["scopes"]) == (wanted, ["openid", "profile", "email", "ga4gh_passport_v1"])
    assert again["visa_issuers"] == {"https://visas.example.org": f"{liar.issuer}/keys"}
    assert run(oncommons, tmp_path, "map", *row[:-1], "operator")[0] != 0
    assert run(oncommons, tmp_path, "unmap", *row)[1]["roles"] == []
    assert run(oncommons, tmp_path, "unmap", *row)[0] != 0


def test_a_provider_is_tried_and_what_fails_is_told(oncommons, tmp_path, liar):
    add(oncommons, tmp_path, liar, "--secret-in", "form", "--acr", "gold", "--scope", "groups")
    status, out, _ = oncommons(*PROVIDER, "check", "keycloak", "--dir", tmp_path)
    assert status == 20
    assert "fails  return         This hub does not know its own address" in out
    assert "works  description" in out
    status, told = run(oncommons, tmp_path, "check", "keycloak")
    assert status == 20
    assert {one["about"] for one in told["findings"] if one["standing"] == "fails"} >= {"return", "codes"}
    assert run(oncommons, tmp_path, "check", "nobody")[0] == 40
    assert "asks for a sign-in by gold" in oncommons(*PROVIDER, "list", "--dir", tmp_path)[1]


def test_who_has_no_address_is_removed_by_identifier(oncommons, tmp_path):
    status, err = oncommons("hub", "people", "remove", "0123456789", "--dir", tmp_path)[::2]
    assert (status != 0, "E404" in str(err)) == (True, True)

"""The file of providers."""

import json
from dataclasses import replace

import pytest

from oncommons.hub.providers.book import FILE, Given, Provider, ProviderBook, check_provider_address
from oncommons.schema.errors import BadRequest, InsecureAddress, NotFound, OncommonsError, StorageFailed

GIVEN = Given("groups", "/athens", "Athens", "researcher")
ONE = Provider(
    "keycloak",
    "Keycloak of Athens",
    "https://id.example.org/realms/onco",
    "hub",
    "s3cret",
    ("openid", "ga4gh_passport_v1"),
    (GIVEN,),
    {"https://visas.example.org": "https://visas.example.org/keys", "https://broker.example.org": ""},
    "form",
    ("https://refeds.org/profile/mfa",),
)


@pytest.fixture
def book(tmp_path):
    return ProviderBook(tmp_path)


def test_what_is_kept_is_read_as_it_was_and_by_its_owner_only(book):
    assert book.every() == {}
    book.put(ONE)
    assert book.every() == {"keycloak": ONE}
    assert book.path.stat().st_mode & 0o777 == 0o600


def test_the_secret_is_not_shown(book):
    assert "s3cret" not in f"{ONE!r} {ONE.to_json()}"


def test_a_change_counts_at_once_in_every_process(book, tmp_path):
    other = ProviderBook(tmp_path)
    book.put(ONE)
    assert other.provider("keycloak") == ONE
    other.remove("keycloak")
    assert book.every() == {}


def test_roles_are_changed_and_the_rest_stays(book):
    book.put(ONE)
    book.change("keycloak", lambda old: (*old, replace(GIVEN, role="access-officer")))
    assert [one.role for one in book.provider("keycloak").given] == ["researcher", "access-officer"]
    assert book.provider("keycloak").secret == "s3cret"


def test_a_provider_that_nobody_added_is_not_found(book):
    for work in (book.provider, book.remove, lambda name: book.change(name, lambda old: old)):
        with pytest.raises(NotFound):
            work("keycloak")


WRONG = {
    "a name with space": {"name": "key cloak"},
    "a name that leaves the path": {"name": "../x"},
    "no name": {"name": ""},
    "plain HTTP elsewhere": {"issuer": "http://id.example.org"},
    "a script": {"issuer": "javascript:alert(1)"},
    "a name and password": {"issuer": "https://me:you@id.example.org"},
    "a fragment": {"issuer": "https://id.example.org#x"},
    "no client": {"client": ""},
    "a title of two lines": {"title": "a\nb"},
    "without openid": {"scopes": ("profile",)},
    "a scope with space": {"scopes": ("openid", "a b")},
    "visas by plain HTTP": {"visas": {"http://visas.example.org": ""}},
    "keys by plain HTTP": {"visas": {"https://visas.example.org": "http://visas.example.org/keys"}},
    "an operator": {"given": (replace(GIVEN, role="operator"),)},
    "no such role": {"given": (replace(GIVEN, role="king"),)},
    "no value": {"given": (replace(GIVEN, value=""),)},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_and_nothing_is_kept(book, name):
    with pytest.raises((BadRequest, InsecureAddress)):
        book.put(replace(ONE, **WRONG[name]))
    assert not book.path.exists()


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"providers": 7}', '{"providers": [{}]}', '{"providers": [{"name": 7}]}', '{"providers": ["x"]}'],
)
def test_a_file_that_cannot_be_read_signs_nobody_in(book, body):
    book.path.write_text(body)
    with pytest.raises(StorageFailed):
        book.every()


def test_an_operator_that_somebody_wrote_into_the_file_is_refused(book):
    book.put(ONE)
    book.path.write_text(book.path.read_text().replace('"researcher"', '"operator"'))
    with pytest.raises(StorageFailed):
        book.every()


def test_what_is_left_out_of_the_file_is_as_the_standard_has_it(book):
    (book.path.parent / FILE).write_text(
        json.dumps({"providers": [{"name": "x", "title": "X", "issuer": "http://localhost:8080", "client": "hub"}]})
    )
    assert book.provider("x").scopes == ("openid", "profile", "email")


@pytest.mark.parametrize("address", ["http://localhost:1/x", "http://127.0.0.1/x", "http://[::1]/x"])
def test_plain_http_is_for_this_machine_and_not_for_a_provider_elsewhere(address):
    assert check_provider_address(address) == address
    with pytest.raises(OncommonsError):
        check_provider_address(address, remote=True)

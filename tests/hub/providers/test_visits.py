"""Sign-ins that are under way."""

import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import delete, select
from tests.hub.callers import START

from oncommons.hub.people.sealing import Seal
from oncommons.hub.providers.tables import VISIT
from oncommons.hub.providers.visits import Visit, Visits
from oncommons.schema.errors_of_people import SignInRefused
from oncommons.storage.database import Database

KEY = OKPKey.generate_key("Ed25519")
ONE = Visit("keycloak", "a nonce", "a verifier", "https://hub/back", "/ask", "an invitation", "", START)


@pytest.fixture
def visits(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    database.upgrade()
    yield Visits(database, Seal(KEY))
    database.close()


def test_a_sign_in_is_given_back_once_to_the_browser_that_began_it(database):
    visits = Visits(database, Seal(KEY))
    visits.begin(ONE, "state", "browser")
    assert visits.end("keycloak", "state", "browser", START + 599) == ONE
    with pytest.raises(SignInRefused):
        visits.end("keycloak", "state", "browser", START + 599)


def test_what_does_not_fit_is_refused_and_only_the_own_browser_uses_it_up(visits):
    wrong = [("keycloak", "guess", "browser", 0), ("keycloak", "state", "another", 0), ("keycloak", "state", "", 0)]
    spent = [("lifescience", "state", "browser", 0), ("keycloak", "state", "browser", 600)]
    for fits, cases in ((True, wrong), (False, spent)):
        for provider, state, browser, later in cases:
            visits.begin(ONE, "state", "browser")
            with pytest.raises(SignInRefused):
                visits.end(provider, state, browser, START + later)
            with visits.database.write() as connection:
                assert len(connection.execute(select(VISIT)).all()) == fits
                connection.execute(delete(VISIT))


def test_the_database_alone_tells_nothing_of_it(visits):
    visits.begin(ONE, "state", "browser")
    with visits.database.read() as connection:
        kept = str(connection.execute(select(VISIT)).all())
    for secret in ("nonce", "verifier", "invitation", "'state'", "'browser'", "/ask"):
        assert secret not in kept


def test_those_that_took_too_long_are_forgotten_with_the_next(visits):
    visits.begin(ONE, "state", "browser")
    visits.begin(Visit("keycloak", "n", "v", "b", made=START + 600), "second", "browser")
    with visits.database.read() as connection:
        assert len(connection.execute(select(VISIT)).all()) == 1

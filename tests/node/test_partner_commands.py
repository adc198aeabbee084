"""Commands about the hospitals with which a node secures its sums."""

import json
from contextlib import closing

import pytest
from typer.testing import CliRunner

from oncommons.node.home import open_home
from oncommons.node.partner_commands import partners
from oncommons.node.recording import open_log
from oncommons.policy.disclosure.masking import public_of
from oncommons.schema.errors import BadPolicy
from oncommons.schema.errors_of_analyses import PartnerUnknown
from oncommons.storage.analysed import Analysed

FIRST, SECOND = b"\1" * 32, b"\2" * 32


@pytest.fixture
def command(home):
    def run(*words, lines=False):
        done = CliRunner().invoke(partners, [*words, "--dir", str(home.folder), *([] if lines else ["--json"])])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output if lines else json.loads(done.output)

    return run


@pytest.fixture
def bergen(home):
    """A hospital that was seen, and then with another key."""
    with closing(Analysed(home.analysed_file)) as ledger:
        ledger.offer_partner("bergen", FIRST, 0.0)
        ledger.offer_partner("bergen", SECOND, 5.0)


def test_a_new_node_has_a_key_and_knows_nobody(command, home):
    found = command("list")
    assert found == command("list")
    assert (found["partners"], found["confirmed_only"]) == ([], False)
    assert found["key"] == public_of(home.sums_file.read_bytes()).hex()
    assert home.sums_file.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("bergen")
def test_a_key_that_has_changed_is_shown_and_confirmed_by_itself_alone(command, home):
    assert command("list")["partners"] == [
        {"name": "bergen", "key": FIRST.hex(), "offered": SECOND.hex(), "confirmed": False, "since": "1970-01-01"}
    ]
    assert "changed" in command("list", lines=True)
    with pytest.raises(PartnerUnknown, match="another key of bergen: 02020202 "):
        command("confirm", "bergen", FIRST.hex())
    assert not command("list")["partners"][0]["confirmed"]
    command("confirm", "bergen", " ".join(SECOND.hex().upper()[at : at + 8] for at in range(0, 64, 8)))
    found = command("list")["partners"][0]
    assert (found["key"], found["confirmed"]) == (SECOND.hex(), True)
    with closing(open_log(home)) as log:
        assert any("bergen" in line for line in log.lines())


def test_who_was_never_seen_is_not_confirmed(command):
    with pytest.raises(PartnerUnknown, match="has not been in a sum"):
        command("confirm", "cork", FIRST.hex())


def test_only_confirmed_ones_can_be_asked_for(command, home):
    assert command("only", "confirmed") == {"confirmed_only": True}
    assert open_home(home.folder).confirmed
    assert "confirmed hospitals only" in command("list", lines=True)
    command("only", "any")
    assert not open_home(home.folder).confirmed
    with pytest.raises(BadPolicy):
        command("only", "friends")

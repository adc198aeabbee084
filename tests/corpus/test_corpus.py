"""Nothing that was planted is left in anything that a node keeps, and what can be kept is."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.corpus.corpus import PARTS, plans, write
from tests.corpus.tokens import DAYS_BETWEEN, found_in, left_in, load
from tests.imaging.files import KEYS

from oncommons.storage.ledger import Ledger

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """The corpus on disk: its folder, and the tokens by their place."""
    folder = tmp_path_factory.mktemp("corpus")
    return folder, write(folder)


@pytest.fixture(scope="session")
def imported(corpus, tmp_path_factory):
    """A node that took the corpus in, with the secret that :data:`KEYS` come from."""
    from_folder, _ = corpus
    node = tmp_path_factory.mktemp("nodes") / "node"
    command = [sys.executable, "-m", "oncommons", "node"]
    subprocess.run([*command, "init", str(node), "--policy", "open"], check=True, capture_output=True)
    (node / "deid.key").write_bytes(bytes(range(32)))
    place = [str(from_folder / "files"), "--dataset", "corpus", "--dir", str(node), "--json"]
    done = subprocess.run([*command, "import", *place], check=True, capture_output=True, text=True)
    return node, json.loads(done.stdout.splitlines()[-1])


def outcomes(folder, node):
    """What became of each file: its name, what the corpus says, what the ledger says."""
    ledger = Ledger(node / "ledger.sqlite")
    for name, expected in json.loads((folder / "outcomes.json").read_text()).items():
        entry = ledger.entry(hashlib.sha256((folder / "files" / name).read_bytes()).hexdigest())
        yield name, expected, entry
    ledger.close()


def test_thousands_of_tokens_are_planted_and_each_is_found_where_it_was_put(corpus):
    folder, tokens = corpus
    assert len(tokens) > 15_000
    assert left_in(folder / "files", tokens).keys() == tokens.keys()
    assert load(folder / "tokens.json") == tokens


def test_no_part_of_the_corpus_is_empty_and_every_writing_gives_the_same(corpus):
    folder, tokens = corpus
    again, found = plans()
    assert again.places == tokens
    assert len(found) == len(list(folder.glob("files/*/*"))) > 3 * len(PARTS)
    assert all(plan.content() == (folder / "files" / plan.name).read_bytes() for plan in found)


def test_nothing_planted_is_left_in_the_node(corpus, imported):
    _, tokens = corpus
    node, _ = imported
    assert left_in(node, tokens, without=("quarantine",)) == {}


def test_files_are_kept_or_wait_as_they_should(corpus, imported):
    folder, _ = corpus
    node, told = imported
    found = list(outcomes(folder, node))
    assert [(name, entry) for name, expected, entry in found if entry is None or entry.outcome != expected] == []
    assert told["came"] == len(found)
    assert len(list(node.glob("images/*/*.dcm"))) == told["kept"] > 40


def test_only_files_that_wait_are_laid_aside_as_they_came(corpus, imported):
    folder, tokens = corpus
    node, _ = imported
    waiting = {entry.digest for _, expected, entry in outcomes(folder, node) if expected == "quarantined"}
    assert {path.stem for path in node.glob("quarantine/*")} == waiting
    assert left_in(node / "quarantine", tokens)


def test_the_dates_of_the_corpus_do_not_become_one_another():
    mint, _ = plans()
    patient = next(iter(mint.places))
    assert KEYS.days(patient.upper()) % DAYS_BETWEEN


@pytest.mark.parametrize("change", [bytes.upper, bytes.title, bytes.lower])
def test_tokens_are_found_in_capitals_and_in_small_letters(corpus, change):
    _, tokens = corpus
    word = next(t for t in tokens if t.startswith(b"zq"))
    assert found_in(b"xx" + change(word) + b"\0", tokens) == {word}

"""A patient's opt-out, told by a command beside a serving node, changes the next answer of the federation."""

from contextlib import closing

from tests.stories.federation import command, numbers, until, within

from oncommons.node.home import open_home

EVERYBODY = {"count": "person"}


def somebody(federation, name):
    """The number of a person of a node, as its hospital knows them."""
    with closing(open_home(federation.folder / name).tables.open()) as tables:
        return tables.execute("SELECT id FROM person ORDER BY id").fetchone()[0]


def test_the_next_answer_counts_one_less_and_later_one_more_again(federation):
    athens, number = ["--dir", str(federation.folder / "athens")], somebody(federation, "athens")
    before = numbers(federation.ask(EVERYBODY))
    assert within("node", "optout", "add", number, *athens)["here"] == 1
    after = numbers(federation.ask(EVERYBODY))
    assert after == before | {"athens": before["athens"] - 1}
    command("node", "optout", "withdraw", number, *athens)
    assert numbers(federation.ask(EVERYBODY)) == before
    federation.nodes["athens"].stop()  # it publishes its cards when it starts, and else before it asks for work again
    within("node", "optout", "add", number, *athens)
    federation.nodes["athens"].start()
    with federation.connect() as hub:
        until(lambda: {node: card.records["person"].at_least for node, card in hub.datasets()} == after, "the cards")

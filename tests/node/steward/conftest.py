"""Nodes to look at; one for all tests that change nothing."""

import pytest
from tests.node.steward.homes import make_node


@pytest.fixture(scope="session")
def node(tmp_path_factory):
    """A node that no test may change."""
    return make_node(tmp_path_factory.mktemp("node"))

"""Tests of the hub: link, catalogue, search, and what wires them."""

"""Tests of the node's Beacon."""

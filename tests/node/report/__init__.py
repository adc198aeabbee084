"""Tests of what the node publishes."""

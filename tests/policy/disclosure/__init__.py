"""Tests of what may leave a node."""

"""Tests of federated search."""

"""Tests of how a node keeps images."""

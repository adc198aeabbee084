"""Tests of the hub for Lens."""

"""Tests of the hub's Beacon."""

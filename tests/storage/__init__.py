"""Tests of where bytes and rows rest; every implementation of a store runs the same ones."""

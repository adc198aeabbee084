"""Tests of imported labels."""

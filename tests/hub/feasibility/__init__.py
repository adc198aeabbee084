"""Tests of feasibility."""

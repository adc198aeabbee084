"""Tests of what any running server of ours needs."""

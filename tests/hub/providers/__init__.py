"""Tests of signing in by providers."""

"""Tests of what everybody sees of the audit."""

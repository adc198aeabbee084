"""Tests of saved questions."""

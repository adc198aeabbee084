"""Tests of the tables and of questions put to them."""

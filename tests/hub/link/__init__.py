"""Tests of the link: who may call, and what is handed to whom."""

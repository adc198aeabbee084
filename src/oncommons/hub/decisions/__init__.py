"""Decisions on applications: the cases of holders, votes, clocks, and the permits that come of them."""

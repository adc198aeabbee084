"""Nodes, their keys and the two calls of the federation: ask and serve."""

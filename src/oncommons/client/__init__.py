"""The researcher's Python API and its commands, over the public wire only."""

"""Dataset cards of the federation."""

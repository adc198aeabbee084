"""One file per step of the hub's schema."""

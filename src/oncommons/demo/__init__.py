"""A federation on one machine: a hub, five nodes with the real IDC index, and three questions."""

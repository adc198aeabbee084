"""A federation on one machine: a hub, five nodes with the real IDC index and a trial, three questions and an analysis."""

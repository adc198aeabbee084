"""How figures are drawn: the only place that needs matplotlib."""

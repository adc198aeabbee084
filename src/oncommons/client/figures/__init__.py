"""Figures of what came of a run: Kaplan-Meier curves, cumulative incidence, forest plots and others, as SVG and PDF.

What can be drawn is found by the tables of the record, so that analyses of others get figures, too.  Titles, captions and
data tables need nothing but the record; only the drawing needs matplotlib.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from oncommons.client.figures.estimates import means_figures, terms_figures
from oncommons.client.figures.figure import Figure
from oncommons.client.figures.matrices import cells_figures, loadings_figures, matrix_figures, scree_figures
from oncommons.client.figures.scores import benefit_figures, calibration_figures, roc_figures
from oncommons.client.figures.spreads import histogram_figures
from oncommons.client.figures.studies import studies_figures
from oncommons.client.figures.survival import incidence_figures, survival_figures
from oncommons.client.figures.told import Record

__all__ = ["MAKERS", "Figure", "figures_of"]

MAKERS: Mapping[str, Sequence[Callable[[Record], list[Figure]]]] = MappingProxyType(
    {
        "calibration": (calibration_figures,),
        "cells": (cells_figures,),
        "components": (scree_figures,),
        "curve": (survival_figures, incidence_figures),
        "groups": (means_figures,),
        "histogram": (histogram_figures,),
        "loadings": (loadings_figures,),
        "matrix": (matrix_figures,),
        "net_benefit": (benefit_figures,),
        "roc": (roc_figures,),
        "studies": (studies_figures,),
        "terms": (terms_figures,),
    }
)
"""Table to what makes figures of it; the columns decide which one does."""


def figures_of(record: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The figures of a run, in the order of its tables; none where no table can be drawn.

    Args:
        record: As the hub gives it.
    """
    found: list[Figure] = []
    for table in record.get("tables", {}):
        for maker in MAKERS.get(table, ()):
            found += maker(record)
    return tuple(found)

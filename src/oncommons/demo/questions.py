"""Three questions of growing difficulty, and the five nodes that answer them."""

from __future__ import annotations

from oncommons.client.builder import Where, between, has, some
from oncommons.demo.federation import NodePlan

NODES = (
    NodePlan("athens", "threshold", 5),
    NodePlan("bologna", "noise", 5),
    NodePlan("cork", "threshold", 5),
    NodePlan("dresden", "threshold", 5, without="manufacturer"),
    NodePlan("evora", "threshold", 5),
)
"""Names of cities only: the data are the public IDC index, dealt out in turn, and a published trial, dealt unevenly.

They are public, and yet told as a hospital would tell its patients' data."""

QUESTIONS: tuple[tuple[str, Where, tuple[str, ...]], ...] = (
    (
        "One series that is both: a magnetic resonance series of the breast",
        some("series", modality="MR", body_part="BREAST"),
        (),
    ),
    (
        "Two series of one person, by sex: a CT, and a segmentation or a structure set",
        some("series", modality="CT", body_part=["CHEST", "LUNG"]) & some("series", modality=["SEG", "RTSTRUCT"]),
        ("sex",),
    ),
    (
        "Nested all, any and not, an age range, and a maker that one node does not record",
        some("series", has(modality=["CT", "MR", "PT"]) & has(manufacturer=["SIEMENS", "GE", "PHILIPS"]))
        & (has(sex="F") | some("series", body_part=["PROSTATE", "BLADDER"]))
        & has(age=between(40, 60))
        & ~(some("series", modality="MG") | some("series", modality="SM")),
        (),
    ),
)
"""What is shown, the criterion, and the fields to group by; every question counts people."""

"""What parts of a node's console are made of."""

from dataclasses import FrozenInstanceError

import pytest
from starlette.responses import Response

from oncommons.web.admitted_pages import AdmittedPages
from oncommons.web.console_part import ConsolePart
from oncommons.web.optout_pages import OptOutPages
from oncommons.web.permit_pages import PermitPages
from oncommons.web.quality_pages import QualityPages


@pytest.mark.parametrize("part", [AdmittedPages, OptOutPages, PermitPages, QualityPages])
def test_a_part_has_the_node_its_look_and_where_requests_come_from_and_keeps_them(part):
    made = part("a node", Response, dict)
    assert isinstance(made, ConsolePart)
    assert (made.steward, made.page, made.witness) == ("a node", Response, dict)
    with pytest.raises(FrozenInstanceError):
        made.steward = "another"

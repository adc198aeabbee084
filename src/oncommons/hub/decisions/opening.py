"""The parts of deciding, put together: for a hub that serves, and for its commands."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from oncommons.hub.applications.office import Office
from oncommons.hub.decisions.clocks import read_own
from oncommons.hub.decisions.desk import DecisionDesk, Papers
from oncommons.hub.decisions.docket import Docket
from oncommons.hub.decisions.granting import Granting
from oncommons.hub.permits.book import PermitBook
from oncommons.service.settings import HubSettings


def open_decisions(
    office: Office, settings: HubSettings, permits: PermitBook, clock: Callable[[], float]
) -> DecisionDesk:
    """Deciding at a hub.

    Args:
        office: Where its applications are written.
        settings: The hub's settings.
        permits: The hub's permits.
        clock: Seconds since the epoch.
    """
    database, papers = office.book.database, Papers(office)
    docket = Docket(database, clock, lambda: read_own(settings.folder), papers.follow)
    granting = Granting(database, permits, office.shelf, settings.url, clock, uuid.uuid4().hex)
    return DecisionDesk(docket, granting, papers, office.register)

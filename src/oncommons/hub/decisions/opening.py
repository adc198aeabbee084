"""The parts of deciding, put together: for a hub that serves, and for its commands."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from oncommons.hub.applications.office import Office, open_office
from oncommons.hub.applications.tables import APPLICATION
from oncommons.hub.catalogue.shelf import Shelf
from oncommons.hub.decisions.clocks import read_own
from oncommons.hub.decisions.desk import DecisionDesk
from oncommons.hub.decisions.docket import Docket
from oncommons.hub.decisions.granting import Granting
from oncommons.hub.permits.book import PermitBook
from oncommons.schema.answering import faults
from oncommons.schema.application import Application, Attachment
from oncommons.schema.errors_of_applications import ChangedMeanwhile, NotComplete
from oncommons.service.settings import HubSettings
from oncommons.storage.database import Database

_SHOWN = 5


def open_decisions(
    database: Database, settings: HubSettings, permits: PermitBook, clock: Callable[[], float]
) -> DecisionDesk:
    """Deciding at a hub.

    Args:
        database: The hub's database.
        settings: The hub's settings.
        permits: The hub's permits.
        clock: Seconds since the epoch.
    """
    office = open_office(database, settings, Shelf(database))
    written = Written(office)
    docket = Docket(database, clock, lambda: read_own(settings.folder), written.follow)
    granting = Granting(database, permits, settings.url, clock, uuid.uuid4().hex)
    return DecisionDesk(docket, granting, written)


class Written:
    """Applications as they are written, for those who decide about them.

    Args:
        office: Where they are written.
    """

    def __init__(self, office: Office) -> None:
        self.office = office

    def whole(self, application: str, person: str) -> Application:
        """An application that is complete, by one of those who write it.

        Raises:
            NotFound: there is none, or they do not write it.
            NotComplete: something that its form asks for is missing or wrong.
        """
        found = self.office.book.one(application, person).application
        lacking = faults(self.office.forms.at(found.form), found)
        if lacking:
            told = "; ".join(f"{one.paragraph}: {one.says}" for one in lacking[:_SHOWN])
            raise NotComplete(f"The application is not complete. {told}"[:900], at=f"answers.{lacking[0].paragraph}")
        return found

    def about(self, record: Application) -> dict[str, Any]:
        """What belongs to an application that was handed in: its form, and whether terms of use fit it."""
        chosen = [one for one in self.office.matches(record) if one["chosen"]]
        return {"form": self.office.forms.at(record.form).to_json(), "datasets": chosen}

    def document(self, record: Application, document: str) -> tuple[Attachment, Path]:
        """A document of an application, and where it lies; raises :class:`NotFound` where there is none."""
        return self.office.documents.open(record, document)

    def follow(self, connection: Connection, application: str, state: str, record: Application | None) -> None:
        """Note the state of an application where it is written, with the step that led to it.

        Raises:
            ChangedMeanwhile: it is handed in, and was changed since it was read for that.
        """
        here = select(APPLICATION.c.revision).where(APPLICATION.c.id == application).with_for_update()
        revision = connection.execute(here).scalar()
        if record is not None and revision is not None and revision != record.revision:
            raise ChangedMeanwhile("Somebody has changed the application just now. Look at it, and hand it in again.")
        self.office.book.set_state(connection, application, state)

"""Settings of a hub: frozen, read once at the top, passed in.

========================== ================================ =====================================================
option                     environment                      meaning
========================== ================================ =====================================================
``--dir``                  ``ONCOMMONS_HUB``                directory of the key and the SQLite database
``--database``             ``ONCOMMONS_DATABASE``           address of another database, such as PostgreSQL
``--url``                  ``ONCOMMONS_URL``                public address, under which nodes and people reach it
``--name``                 ``ONCOMMONS_NAME``               name of the federation, shown on its pages
``--people``               ``ONCOMMONS_PEOPLE``             ``open``: everybody may ask; ``required``: only who is signed in
``--links``                ``ONCOMMONS_LINKS``              links by e-mail: ``all``, ``password`` for new passwords only, ``none``
``--origin``               ``ONCOMMONS_ORIGINS``            sites whose pages may ask Beacon and Lens; ``*`` for all
========================== ================================ =====================================================
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from oncommons.schema.errors import StorageFailed
from oncommons.schema.people import LINKS, PEOPLE

_FILE = "hub.json"
_WORDS: Mapping[str, Collection[str]] = {"people": PEOPLE, "links": LINKS}
"""Settings that have one of some words."""


@dataclass(frozen=True)
class HubSettings:
    """What a hub is told when it starts.

    Attributes:
        folder: Directory of the key and, by default, the database.
        url: Public address, told to those who are invited; empty until it is known.
        database: SQLAlchemy address of the database.
        name: Name of the federation.
        origins: Sites whose pages may ask Beacon and Lens, such as ``https://explorer.example``; ``*`` for all.
            Not remembered: each start says who may.
        people: ``open`` where everybody may ask, ``required`` where only people who are signed in may.
        links: What people may have links by e-mail for, of :data:`oncommons.schema.people.LINKS`.
    """

    folder: Path
    url: str
    database: str
    name: str = "A cancer data commons"
    origins: tuple[str, ...] = ()
    people: str = "open"
    links: str = "all"

    @property
    def key_file(self) -> Path:
        """Where the hub's signing key lies."""
        return self.folder / "hub-key.pem"

    def remember(self) -> None:
        """Keep what was given in the directory, for ``hub invite`` and the next start; only its owner may read it."""
        body = {"url": self.url, "name": self.name}
        body |= {key: getattr(self, key) for key in _WORDS if getattr(self, key) != getattr(HubSettings, key)}
        if self.database != _default_database(self.folder):
            body["database"] = self.database
        draft = self.folder / f"{_FILE}.new"
        draft.touch(0o600)
        draft.write_text(json.dumps(body, indent=2), "utf-8")
        draft.replace(self.folder / _FILE)


def read_settings(folder: Path, **given: str) -> HubSettings:
    """Settings: what is given, else what the directory remembers, else the defaults.

    Args:
        folder: The hub's directory.
        given: ``url``, ``database``, ``name``, ``people`` and ``links``; empty ones count as not given.

    Raises:
        StorageFailed: the remembered settings cannot be read.
    """
    known = {"url": "", "database": _default_database(folder), "name": HubSettings.name}
    known |= {key: getattr(HubSettings, key) for key in _WORDS}
    try:
        remembered = json.loads((folder / _FILE).read_text("utf-8"))
        kept = {key: remembered[key] for key in known.keys() & remembered.keys()}
        if not all(isinstance(value, str) for value in kept.values()):
            raise StorageFailed(f"{_FILE} holds something that is not text.")
        known |= kept
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError, AttributeError) as fault:
        raise StorageFailed(f"{_FILE} cannot be read.", detail=repr(fault)) from fault
    known |= {key: value for key, value in given.items() if value}
    for key, words in _WORDS.items():
        if known[key] not in words:
            raise StorageFailed(f"{key} is one of {', '.join(words)}, not {known[key]!r}.")
    words = known["people"], known["links"]
    return HubSettings(folder, known["url"], known["database"], known["name"], people=words[0], links=words[1])


def _default_database(folder: Path) -> str:
    return f"sqlite:///{folder / 'hub.sqlite'}"

"""Which analyses a node makes: what its data manager has admitted, in which versions, and how that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from importlib import import_module
from types import MappingProxyType

from oncommons.node.home import Home, open_home
from oncommons.node.recording import record
from oncommons.schema.errors import MissingPackage
from oncommons.storage.analysed import Analysed
from oncommons.storage.decisions import Person

_NONE: Mapping[str, int] = MappingProxyType({})
ALL = "all"


def admitted(home: Home) -> Mapping[str, int]:
    """The analyses that a node makes now, by name, with the version of each; those that are not installed are none.

    Args:
        home: The node; what its data manager has changed since it was opened counts.
    """
    names = open_home(home.folder).analyses
    if not names:
        return _NONE  # what analyses compute with needs much memory, and is not loaded for nothing
    try:
        known = import_module("oncommons.service.analyses").analyses()
    except MissingPackage:
        return _NONE
    return {name: known[name].version for name in sorted(names) if name in known}


def named(names: Iterable[str]) -> list[str]:
    """Names of analyses that are installed; ``all`` stands for every one.

    Raises:
        UnknownValue: there is none of a name.
        MissingPackage: what analyses compute with is not installed.
    """
    installed = import_module("oncommons.service.analyses")
    return [
        one
        for name in names
        for one in (installed.analyses() if name == ALL else [installed.analysis_named(name).name])
    ]


def admit(home: Home, names: Iterable[str], by: Person) -> list[str]:
    """Admit analyses besides those that were admitted before; it holds at once, and is entered in the audit log.

    Those that are not part of oncommons are tried first.

    Returns:
        All that are admitted now, in order.

    Raises:
        UnknownValue: there is none of a name; nothing was changed.
        NotConforming: one does not pass; nothing was changed.
        MissingPackage: what analyses compute with is not installed.
        MachineError: it cannot be kept.
    """
    here, wanted = open_home(home.folder), named(names)
    import_module("oncommons.node.trying.book").admit(here, wanted)
    return _changed(here, {*here.analyses, *wanted}, by)


def withdraw(home: Home, names: Iterable[str], by: Person) -> list[str]:
    """Admit analyses no more; it holds at once, for runs that are under way, too.

    Returns:
        All that are admitted still, in order.

    Raises:
        MachineError: it cannot be kept.
    """
    here, gone = open_home(home.folder), frozenset(names)
    return _changed(here, frozenset() if ALL in gone else here.analyses - gone, by)


def resume(home: Home, project: str, by: Person) -> int:
    """Make analyses for a project again from which too many results were withheld; it is entered in the audit log.

    Returns:
        How many withheld results count no more.

    Raises:
        MachineError: it cannot be kept.
    """
    with closing(Analysed(home.analysed_file)) as ledger, ledger.alone():
        count = ledger.forget_withheld(project)
        if count:
            record(home, "policy", {"resumed": project, "by": by.name, "way": by.way})
        return count


def _changed(home: Home, names: Iterable[str], by: Person) -> list[str]:
    found = sorted(names)
    record(home.with_analyses(frozenset(found)), "policy", {"analyses": found, "by": by.name, "way": by.way})
    return found

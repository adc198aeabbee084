"""Commands of a data manager for permits: which were shown here, whom one consents to, what is taken back or away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated, Any

import typer

from oncommons.node.home import Home, open_home, version_of
from oncommons.node.image_commands import HERE, Dir, this_person
from oncommons.node.permitting import Manager, day, project_json
from oncommons.policy.access.demands import Restriction
from oncommons.schema.permit import written
from oncommons.service.commands import AsJson, say
from oncommons.storage.permitted import Permitted, Seen

permits = typer.Typer(no_args_is_help=True, help="Permits at this node: see, consent, take back, take away.")
Project = Annotated[str, typer.Argument(help="Name of the project, as permits have it.")]
Many = list[str] | None


@contextmanager
def _opened(home: Home) -> Iterator[Permitted]:
    with closing(Permitted(home.permits_file)) as ledger:
        yield ledger


@permits.command("list", epilog="Example: oncommons node permits list --dir ./athens")
def list_command(folder: Dir = HERE, as_json: AsJson = False) -> None:
    """List the permits that were shown here, what was asked under each, and what you decided about their projects.

    It tells the version of the data, too, which a permit may name.
    """
    home = open_home(folder)
    version = version_of(home.tables.state())
    with _opened(home) as ledger:
        gone = ledger.gone()
        shown = [_permit(one, ledger.spent(one.id), one.id in gone) for one in ledger.permits()]
        projects = [project_json(name, standing) for name, standing in ledger.projects().items()]
    lines = [
        f"{p['id']:<20} {p['project']:<20} cost {p['spent']:,}{', taken back' if p['revoked'] else ''}"
        f"{', taken back by the hub' if p['gone'] else ''}"
        for p in shown
    ]
    lines += [f"project {p['project']}: {p['words']}" for p in projects]
    head = f"Permits: {home.demand}. Version of the data: {version or 'none yet'}."
    head += f" Images for the outside: {home.showing}." if home.showing != "off" else ""
    body = {"demand": home.demand, "images": home.showing, "version": version, "permits": shown, "projects": projects}
    say(body, "\n".join([head, *(lines or ["No permit was shown here."])]), as_json=as_json)


@permits.command("consent", epilog="Example: oncommons node permits consent lung --dir ./athens")
def consent_command(
    project: Project,
    images: Annotated[
        bool, typer.Option("--images", help="Consent to its having images; that is a consent apart.")
    ] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the consent back, at once.")] = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Consent to a project, where this node asks for your consent: oncommons node policy --permits consent, --images consent."""
    home = open_home(folder)
    Manager(home, this_person()).consent(project, images=images, withdraw=withdraw)
    with _opened(home) as ledger:
        found = project_json(project, ledger.standing(project))
    needed = (
        "" if (home.showing if images else home.demand) == "consent" else " This node does not ask for consent now."
    )
    say(found, f"{project}: {found['words']}.{needed}", as_json=as_json)


@permits.command("revoke", epilog="Example: oncommons node permits revoke P-7 --dir ./athens")
def revoke_command(
    permit: Annotated[str, typer.Argument(help="Identifier of the permit; it need not have been shown yet.")],
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Take a permit back at this node, for good and at once; a question under way is not answered."""
    Manager(open_home(folder), this_person()).revoke(permit)
    say({"revoked": permit}, f"{permit} holds no more at this node.", as_json=as_json)


@permits.command(
    "restrict", epilog="Example: oncommons node permits restrict lung --variable person.age --dir ./athens"
)
def restrict_command(
    project: Project,
    variable: Annotated[Many, typer.Option(help="Field or entity that it may not ask for; may be repeated.")] = None,
    dataset: Annotated[Many, typer.Option(help="Dataset that it may not ask; may be repeated.")] = None,
    no_groups: Annotated[bool, typer.Option("--no-groups", help="No counts by codes.")] = False,
    until: Annotated[str, typer.Option(help="Day from which on it may ask nothing, such as 2027-01-31.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Give back all that was taken away.")] = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Take something away from a project at this node, whatever its permit says; it adds to what was taken away before."""
    home = open_home(folder)
    manager = Manager(home, this_person())
    if lift:
        manager.lift(project)
    else:
        ends = day(until, "until") if until else None
        more = Restriction(frozenset(dataset or ()), frozenset(variable or ()), not no_groups, ends)
        manager.restrict(project, more)
    with _opened(home) as ledger:
        found = project_json(project, ledger.standing(project))
    say(found, f"{project}: {found['words']}.", as_json=as_json)


def _permit(one: Seen, spent: int, gone: bool) -> dict[str, Any]:
    seen, revoked = (None if t is None else written(int(t)) for t in (one.seen, one.revoked))
    return {"id": one.id, "project": one.project, "seen": seen, "revoked": revoked, "gone": gone, "spent": spent}

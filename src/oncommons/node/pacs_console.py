"""What the commands for archives do and say; loaded when one of them runs, so that the others start as before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from oncommons.node.home import Home
from oncommons.node.pacs import PullReport, Reception, Tally, Wanted, pull_by_move, pull_from_web
from oncommons.node.receive.dimse.listening import Listening
from oncommons.node.receive.pulling import StudyReport
from oncommons.node.receive.studies import WebAddress, read_address, read_studies
from oncommons.node.receive.table import About
from oncommons.node.receive.wado import Login
from oncommons.schema.errors import UnreadableSource, every_error
from oncommons.service.commands import end_when_terminated, say


def receive(home: Home, settings: Mapping[str, Any], title: str, *, as_json: bool) -> None:
    """Receive until interrupted or terminated.

    Args:
        home: The node.
        settings: Fields of :class:`~oncommons.node.receive.dimse.listening.Listening`.
        title: The dataset's title.
        as_json: Whether to say in JSON where the receiver listens.

    Raises:
        KeyboardInterrupt: it was interrupted or terminated, and what came was told.
    """
    wanted = _settings(settings)
    end_when_terminated()
    reception = Reception(home, wanted, About(title))
    try:
        with reception:
            body = {"receiving": wanted.aet, "port": reception.port, "dataset": wanted.dataset}
            text = f"{wanted.aet} receives at port {reception.port}, for dataset {wanted.dataset}. Ctrl-C ends it."
            say(body, text, as_json=as_json)
            while True:
                reception.index_when_quiet()
    except KeyboardInterrupt:
        typer.echo(tally_text(reception.tally), err=True)
        raise


def pull(
    home: Home, source: tuple[str, Sequence[str], Path | None], login: Login, settings: Mapping[str, Any], title: str
) -> PullReport:
    """Pull studies; tells of each on standard error.

    Args:
        home: The node.
        source: Address of the archive, studies, and a file of more studies.
        login: How this node is known to a web server.
        settings: Fields of :class:`~oncommons.node.receive.dimse.listening.Listening`.
        title: The dataset's title.
    """
    address, studies = read_address(source[0]), read_studies(source[1], source[2])
    ours = _settings(settings)
    if isinstance(address, WebAddress):
        return pull_from_web(home, address, login, Wanted(studies, ours.dataset, About(title)), _tell)
    with Reception(home, ours, About(title)) as reception:
        return pull_by_move(home, address, studies, reception, _tell)


def pull_text(report: PullReport) -> str:
    """A pull in words."""
    whole = sum(study.is_complete for study in report.studies)
    lines = [tally_text(report.tally), f"{whole:,} of {len(report.studies):,} studies are here as a whole."]
    if not report.is_complete:
        lines.append("Next: repeat the command; what is here is not fetched again.")
    return "\n".join(lines)


def _settings(fields: Mapping[str, Any]) -> Listening:
    settings = Listening(**fields)
    if not settings.dataset.strip():
        raise UnreadableSource("The dataset needs a name: --dataset NAME.")
    return replace(settings, dataset=settings.dataset.strip())


def _tell(study: StudyReport) -> None:
    typer.echo(_study_text(study), err=True)


def _study_text(study: StudyReport) -> str:
    if study.code:
        return f"{study.study}  {study.code} {study.message}"
    if not study.said:
        return f"{study.study}  the archive does not know it"
    here = study.said - study.lacking
    return f"{study.study}  {here:,} of {study.said:,} are here" + (f", {study.lacking:,} lack" * bool(study.lacking))


def tally_text(tally: Tally) -> str:
    """What became of everything that came, in words."""
    report, reasons = tally.report, {kind.code: kind.title for kind in every_error()}
    lines = [
        f"{report.came + tally.failed:,} objects came in; each is in one of these five numbers:",
        f"  {report.kept:>8,} kept, de-identified",
        f"  {report.duplicate:>8,} were there already",
        f"  {report.quarantined.total():>8,} in quarantine",
        *(f"           {n:>8,} {reasons[code]} ({code})" for code, n in sorted(report.quarantined.items())),
        f"  {report.refused:>8,} are not DICOM",
        f"  {tally.failed:>8,} could not be taken; their sender was told",
    ]
    return "\n".join(lines)

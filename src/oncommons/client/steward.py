"""The data manager's way in to a node's console: what came in, what waits, what is done to a header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from oncommons.client.transport import Transport, in_path

Json: TypeAlias = dict[str, Any]


class Steward:
    """A connection to a node's console.

    Args:
        transport: How to call it.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def node(self) -> Json:
        """What the node is and holds."""
        return self._get("/api/node")

    def files(self, **wanted: str | int) -> Json:
        """A page of what came in, newest first.

        Args:
            wanted: ``outcome``, ``code``, ``dataset``, ``q``, ``page`` and ``most``; empty ones are left out.
        """
        return self._get("/api/node/files", {name: value for name, value in wanted.items() if value != ""})

    def file(self, digest: str) -> Json:
        """What became of one file.

        Raises:
            NotFound: no such file has come in.
        """
        return self._get(f"/api/node/files/{digest}")

    def header(self, digest: str, **wanted: str | int) -> Json:
        """The header of a file; of one that waits also as it would be kept.

        Args:
            digest: The file.
            wanted: ``done``, ``find`` and ``start``; empty ones are left out.

        Raises:
            NotFound: no such file has come in, or the node has no copy.
            ImageError: it cannot be read at all.
        """
        asked = {name: value for name, value in wanted.items() if value != ""}
        return self._get(f"/api/node/files/{digest}/header", asked)

    def imports(self, days: int = 30) -> Json:
        """What came in by day and dataset, and how quickly."""
        return self._get("/api/node/imports", {"days": days})

    def mappings(self) -> Json:
        """What headers say, and what questions find it as."""
        return self._get("/api/node/mappings")

    def quality(self) -> Json:
        """The latest check of every dataset, the numbers of those before it, and whether one runs."""
        return self._get("/api/node/quality")

    def check(self, dataset: str = "", witness: Mapping[str, str] | None = None) -> Json:
        """Begin a check of the images; tells whether none was running.

        Args:
            dataset: One dataset; all if left out.
            witness: What a browser said of where the request comes from.

        Raises:
            ForeignRequest: it comes from another site.
        """
        found: Json = self.transport.call("POST", "/api/node/quality", body={"dataset": dataset}, headers=witness)
        return found

    def accept_mappings(
        self, mappings: Sequence[Mapping[str, str]], witness: Mapping[str, str] | None = None, by: str = ""
    ) -> Json:
        """Accept what raw values stand for; tells what became of each.

        Args:
            mappings: Each with ``field``, ``raw``, ``context`` and ``code``.
            witness: What a browser said of where the request comes from.
            by: The name of who decides.

        Raises:
            NoMappingAccepted: none of them is good; nothing was changed.
            ForeignRequest: it comes from another site.
        """
        body = {"mappings": [dict(one) for one in mappings]} | ({"by": by} if by else {})
        found: Json = self.transport.call("POST", "/api/node/mappings", body=body, headers=witness)
        return found

    def analyses(self) -> Json:
        """Every analysis, whether it is admitted, the rules that guard results, and what was analysed."""
        return self._get("/api/node/analyses")

    def change_analyses(
        self, do: str, names: Sequence[str], witness: Mapping[str, str] | None = None, by: str = ""
    ) -> Json:
        """Admit analyses, or withdraw them; tells which are admitted then.

        Args:
            do: ``admit`` or ``withdraw``.
            names: Of the analyses.
            witness: What a browser said of where the request comes from.
            by: The name of who decides.

        Raises:
            BadRequest: the node cannot read it; nothing was changed.
            UnknownValue: it has no such analysis.
            ForeignRequest: it comes from another site.
        """
        body = {"do": do, "analyses": list(names)} | ({"by": by} if by else {})
        found: Json = self.transport.call("POST", "/api/node/analyses", body=body, headers=witness)
        return found

    def optouts(self) -> Json:
        """Who has opted out, by pseudonym: those who were listed last, and how many there are."""
        return self._get("/api/node/optouts")

    def change_optouts(
        self, way: str, named: Mapping[str, Sequence[str]], witness: Mapping[str, str] | None = None, by: str = ""
    ) -> Json:
        """List people who opted out, or let them back in.

        Args:
            way: ``out`` or ``back``.
            named: Their ``numbers`` and ``pseudonyms``.
            witness: What a browser said of where the request comes from.
            by: The name of who does it.

        Raises:
            NotANumber: one of them cannot be a number or a pseudonym; nothing was changed.
            ForeignRequest: it comes from another site.
        """
        body = {"way": way, **{name: list(found) for name, found in named.items()}} | ({"by": by} if by else {})
        found: Json = self.transport.call("POST", "/api/node/optouts", body=body, headers=witness)
        return found

    def permits(self) -> Json:
        """Every permit that was shown or taken back at the node, and the questions that wait for consent."""
        return self._get("/api/node/permits")

    def permit(self, name: str) -> Json:
        """One permit, and what was asked, refused and released under it.

        Raises:
            NotFound: it was not shown here.
        """
        return self._get(f"/api/node/permits/{in_path(name)}")

    def decide_permits(self, told: Mapping[str, Any], witness: Mapping[str, str] | None = None, by: str = "") -> Json:
        """Decide about a project, a permit or a question.

        Args:
            told: ``do``, and what it is about, as the node reads it.
            witness: What a browser said of where the request comes from.
            by: The name of who decides.

        Raises:
            BadRequest: the node cannot read it; nothing was changed.
            NotFound: no such question waits.
            ForeignRequest: it comes from another site.
        """
        body = {**told, **({"by": by} if by else {})}
        found: Json = self.transport.call("POST", "/api/node/permits", body=body, headers=witness)
        return found

    def release(
        self, files: Sequence[str], *, looked: bool, witness: Mapping[str, str] | None = None, by: str = ""
    ) -> Json:
        """Keep files of quarantine.

        Args:
            files: Their digests.
            looked: Whether a person has looked at their pixels.
            witness: What a browser said of where the request comes from.
            by: The name of who decides.

        Raises:
            NotWaiting: one is not in quarantine; nothing was changed.
            ForeignRequest: it comes from another site.
        """
        body = {"files": list(files), "looked": looked} | ({"by": by} if by else {})
        found: Json = self.transport.call("POST", "/api/node/release", body=body, headers=witness)
        return found

    def reject(self, files: Sequence[str], witness: Mapping[str, str] | None = None, by: str = "") -> Json:
        """Delete the copies of files of quarantine; raises as :meth:`release`."""
        body = {"files": list(files)} | ({"by": by} if by else {})
        found: Json = self.transport.call("POST", "/api/node/reject", body=body, headers=witness)
        return found

    def preview(self, content: bytes, witness: Mapping[str, str] | None = None, **wanted: str | int) -> Json:
        """The header of a file before and after de-identification; nothing is stored.

        Raises:
            ImageError: nothing of it can be read.
        """
        asked = {name: value for name, value in wanted.items() if value != ""}
        found: Json = self.transport.send("/api/node/preview", content, asked, witness or {})
        return found

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        found: Json = self.transport.call("GET", path, params=params)
        return found

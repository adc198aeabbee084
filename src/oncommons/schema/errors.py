"""Every error of oncommons, in one tree.

::

    OncommonsError                      E500  something of ours broke
    ├── QuestionError                         the question cannot be asked
    │   ├── MalformedQuestion           E101  not JSON, or not the shape of a question
    │   ├── UnknownField                E102  the dictionary has no such field or entity
    │   ├── UnknownValue                E103  a value outside the field's vocabulary or type
    │   ├── WrongScope                  E104  a field that lies below the rows being judged
    │   └── QuestionTooLarge            E105  deeper, longer or wider than a question may be
    ├── DialectError                    E340  a request that is not in the dialect of its address
    │   ├── Untranslatable              E341  a filter or condition that our question cannot say
    │   ├── RecordsNotGiven             E342  records of single people or images were asked for
    │   └── NobodyAnswered              E343  no node answered, so there is no number
    ├── LinkError                             hub and node cannot work together
    │   ├── InvitationRefused           E201  a wrong, used or expired invitation
    │   ├── NodeUnknown                 E202  a node that this hub does not know
    │   ├── NodeRevoked                 E203  the hub no longer accepts this node's key
    │   ├── ClockSkew                   E204  the two clocks differ too much
    │   ├── TokenRefused                E205  a token that is missing, expired or forged
    │   ├── HubUnreachable              E206  no answer from the hub
    │   ├── HubNotTrusted               E207  the hub's key is not the one pinned when joining
    │   ├── InsecureAddress             E208  plain HTTP to another machine
    │   ├── AnswerRefused               E209  an answer to a question that was not asked
    │   └── NameTaken                   E210  another node bears the name
    ├── NodeError                             the node cannot do its work
    │   ├── NotANode                    E301  the directory is not a node
    │   ├── AlreadyANode                E302  the directory is a node already
    │   ├── NotJoined                   E303  the node has not joined a hub
    │   ├── UnreadableSource            E304  a file that is damaged or not what it says
    │   ├── BadMapping                  E305  a mapping that does not fit the file
    │   ├── NothingImported             E306  the node holds no data yet
    │   ├── BadPolicy                   E307  a policy that cannot be applied
    │   ├── BadProfile                  E308  a de-identification profile that cannot be applied
    │   ├── BadMappingFile              E310  a file of mappings that cannot be read at all
    │   ├── NoMappingAccepted           E311  a file of mappings without a good row
    │   ├── BudgetSpent                 E320  a project has asked as much as it may
    │   ├── TooManyQuestions            E321  a project asks faster than it may
    │   ├── NotANumber                  E365  what cannot be the number or the pseudonym of a person
    │   ├── OptOutsLost                 E366  the list of those who opted out is gone or damaged
    │   └── NotOmop                     E339  a database that is not one of OMOP
    ├── ClinicalRowError                E330  something of a clinical row cannot be read
    │   ├── RowWithoutPerson            E331  a row of nobody, or with too few or too many cells
    │   ├── UnknownClinicalCode         E332  a value that no code list has
    │   ├── DuplicatePerson             E333  a person or a series that is there twice
    │   ├── ImpossibleDate              E334  a date that is none, or that cannot be
    │   ├── MixedEncoding               E335  a line in another encoding than the rest
    │   ├── UnreadableNumber            E336  a number or unit that cannot be read
    │   ├── DanglingReference           E337  a reference to what is not there
    │   └── NotFhir                     E338  a file that is not a bundle of FHIR
    ├── ImageError                            a file cannot be kept as an image
    │   ├── NotDicom                    E601  it is something else
    │   ├── DamagedImage                E602  it is cut short or broken
    │   ├── ImageTooLarge               E603  it is larger than can be handled
    │   ├── MayShowText                 E604  its pixels may show who the patient is
    │   ├── UnknownKind                 E605  a kind of object that cannot be cleaned yet
    │   ├── StillIdentifies             E606  something of the patient is left after cleaning
    │   ├── ConflictingImage            E607  another image has the same identifier
    │   ├── RejectedImage               E608  a person of the node has rejected it
    │   ├── NotAcceptable               E615  none of the formats asked for can be given
    │   ├── BadSearch                   E616  a search for images that cannot be read or answered
    │   ├── NoPicture                   E617  an object that cannot be shown
    │   ├── BadUpload                   E618  objects that are sent in another way than as DICOM
    │   ├── NotLetIn                    E619  the caller has not shown the token of this node
    │   ├── DocumentInside              E620  a document or a voice that nobody can clean
    │   ├── UnreadablePixels            E625  pixels that must be looked at cannot be decoded
    │   ├── TooMuchToLook               E626  more pixels than are looked through
    │   ├── ShowsFace                   E627  a face could be rebuilt from it
    │   ├── LockedArchive               E640  a member of an archive that needs a password
    │   ├── DamagedArchive              E641  an archive that cannot be read to its end
    │   ├── ArchiveTooLarge             E642  an archive that grows or holds more than can be handled
    │   ├── NestedArchive               E643  an archive in an archive in an archive
    │   ├── NotWaiting                  E645  a file that is not in quarantine
    │   └── ForeignRequest              E646  a page of another site wants something changed here
    ├── BeyondPrivacy                   E690  a question that a node's rule private cannot answer
    ├── PacsError                       E610  an archive of images cannot be used
    │   ├── PacsUnreachable             E611  no answer from it
    │   ├── PacsRefused                 E612  it will not do what was asked
    │   └── BadPacsAddress              E613  an address or a title that cannot be one
    ├── PermitError                     E370  a permit does not let it through
    │   ├── BadPermit                   E371  a file or text that is not a permit
    │   ├── PermitNotTrusted            E372  a permit that is forged, foreign or not this one's
    │   ├── PermitNeeded                E373  questions need a permit here
    │   ├── BeyondPermit                E374  a rule refuses, and is named
    │   ├── NoSuchPermit                E375  no permit bears the name, or it was taken back
    │   ├── NotTheirMove                E376  a step of an application that is not theirs now
    │   ├── ImagesNotOpened             E377  a token for images that is not good here
    │   ├── ImagesClosed                E378  a node that gives no images to the outside
    │   ├── ConsentAwaited              E356  a question that waits for a data manager's consent
    │   ├── TooManyWait                 E357  so many wait already that no more are taken
    │   └── NoticeNotTrusted            E358  a list of revoked permits that is forged, older or another's
    ├── AnalysisError                   E410  an analysis has no answer
    │   ├── OutputWithheld              E411  an output rule of a node keeps its part
    │   ├── NotAdmitted                 E412  a node does not make the analysis
    │   ├── BadPartial                  E413  a node sent what cannot be a part
    │   ├── PartnerUnknown              E414  a hospital of a sum is not the one that was known
    │   ├── PeopleChanged               E415  the people of a run changed while it was made
    │   ├── TooFewNodes                 E416  fewer nodes take part in a run than must
    │   ├── TooManyRuns                 E417  as many analyses are made as may be at once
    │   ├── RunCancelled                E418  an analysis that was cancelled
    │   ├── BadRecord                   E419  what was given is not the record of a run
    │   ├── NotConforming               E421  an analysis of others does not pass its checks
    │   └── TooManyWithheld             E423  so many results were withheld that a project gets no more
    ├── AuditError                      E360  an audit log cannot be used
    │   ├── NoAuditLog                  E361  there is none
    │   └── BadCheckpoint               E362  a checkpoint that cannot be read or is not the owner's
    ├── LabelError                      E350  labels of codes cannot be used
    │   ├── BadLabels                   E351  a file that holds no labels that can be imported
    │   └── NoSuchLabels                E352  no set of labels bears the name
    ├── NoticeError                     E353  the hub cannot send e-mail
    │   ├── MailNotSent                 E354  the mail server did not take an e-mail for now
    │   └── MailRefused                 E355  the mail server refused an e-mail for good
    ├── PeopleError                     E380  something about people or accounts cannot be done
    │   ├── SignInRefused               E381  a wrong address, password or code
    │   ├── NotSignedIn                 E382  only people who are signed in may do it
    │   ├── NotAllowed                  E383  without the role or scope that it needs
    │   ├── TooManyTries                E384  so many wrong tries that the next one has to wait
    │   ├── InviteRefused               E385  a link that is wrong, used or expired
    │   ├── BadPassword                 E386  a new password that is too easy to guess
    │   ├── ForeignForm                 E387  a form of another site, or of a page that is too old
    │   ├── LastOperator                E388  the last operator of a hub cannot be removed
    │   ├── ProviderFailed              E389  a provider does not answer, or cannot be trusted
    │   ├── NotStrongEnough             E379  a sign-in at a provider without the factor that the hub asks for
    │   ├── LinksOff                    E398  a link by e-mail, at a hub that sends none
    │   └── OtherBrowser                E399  a link that was asked for in another browser
    ├── ApplicationError                E390  something about an application cannot be done
    │   ├── BadForm                     E391  a form that is none, or would lose what was answered
    │   ├── ChangedMeanwhile            E392  an answer that somebody else has changed
    │   ├── AttachmentRefused           E393  a document too large, empty or of another kind
    │   ├── NotComplete                 E394  something that the form asks for is missing
    │   ├── MovedOn                     E395  others have moved it on since it was looked at
    │   ├── NobodyDecides               E396  all who could be asked apply for it
    │   └── BadClocks                   E397  a file of clocks that cannot be read
    ├── CommandError                    E680  a command cannot be carried out as it was given
    │   ├── UnwritableReport            E681  a file that was asked for cannot be written there
    │   └── SourceTwice                 E682  a file that is taken in already under another name
    └── MachineError                          the machine cannot do it
        ├── StorageFull                 E401  the disk is full
        ├── PortInUse                   E402  another program listens there
        ├── StorageFailed               E403  a database or file cannot be used
        ├── NotFound                    E404  no such page, record or route
        ├── BadRequest                  E405  a request that the hub cannot read
        ├── MissingPackage              E406  an optional package is not installed
        └── FiguresNeedPackage          E422  figures need matplotlib

Large branches have files of their own, ``errors_of_*.py``; clinical data and commands are in ``errors_of_rows``.
Each carries a stable code, a message safe for strangers, and a private detail for the local log.
A code is never used again for something else; ``docs/errors/<code>.md`` says what happened and how to resolve it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar


class OncommonsError(Exception):
    """Root of the tree: something of ours broke.

    Args:
        message: What happened and what to do, safe to show to a stranger.
        detail: What only the owner of this machine may read; goes to the local log.
        at: Where in the question or file the fault lies, such as ``where.all[1].in[0]``.
    """

    code: ClassVar[str] = "E500"
    title: ClassVar[str] = "Something of ours broke"

    def __init_subclass__(cls, *, code: str, title: str) -> None:
        super().__init_subclass__()
        cls.code, cls.title = code, title

    def __init__(self, message: str, *, detail: str = "", at: str = "") -> None:
        super().__init__(message)
        self.message, self.detail, self.at = message, detail, at

    def to_json(self) -> dict[str, Any]:
        """The one JSON shape of an error on the wire; the private detail stays behind."""
        body: dict[str, Any] = {"code": self.code, "title": self.title, "message": self.message}
        if self.at:
            body["at"] = self.at
        return {"error": body}


class QuestionError(OncommonsError, code="E100", title="The question cannot be asked"):
    """The question cannot be asked."""


class MalformedQuestion(QuestionError, code="E101", title="The question has the wrong shape"):
    """Not JSON, or not the shape of a question."""


class UnknownField(QuestionError, code="E102", title="No such field"):
    """The dictionary has no such field or entity."""


class UnknownValue(QuestionError, code="E103", title="No such value in the field's vocabulary"):
    """A value outside the field's vocabulary or type."""


class WrongScope(QuestionError, code="E104", title="The field belongs to rows further down"):
    """A field that lies below the rows being judged."""


class QuestionTooLarge(QuestionError, code="E105", title="The question is too large"):
    """Deeper, longer or wider than a question may be."""


class LinkError(OncommonsError, code="E200", title="Hub and node cannot work together"):
    """Hub and node cannot work together."""


class InvitationRefused(LinkError, code="E201", title="The invitation is not valid"):
    """A wrong, used or expired invitation."""


class NodeUnknown(LinkError, code="E202", title="This hub does not know the node"):
    """A node that this hub does not know."""


class NodeRevoked(LinkError, code="E203", title="The node's key was revoked"):
    """The hub no longer accepts this node's key."""


class ClockSkew(LinkError, code="E204", title="The clocks of node and hub differ"):
    """The two clocks differ too much."""


class TokenRefused(LinkError, code="E205", title="The token is not valid"):
    """A token that is missing, expired or forged."""


class HubUnreachable(LinkError, code="E206", title="The hub cannot be reached"):
    """No answer from the hub."""


class HubNotTrusted(LinkError, code="E207", title="The hub is not the one that this node joined"):
    """The hub's key is not the one pinned when joining."""


class InsecureAddress(LinkError, code="E208", title="The hub's address is not secure"):
    """Plain HTTP to another machine."""


class AnswerRefused(LinkError, code="E209", title="The hub did not ask for this answer"):
    """An answer to a question that was not asked."""


class NameTaken(LinkError, code="E210", title="The name is taken"):
    """Another node bears the name."""


class NodeError(OncommonsError, code="E300", title="The node cannot do its work"):
    """The node cannot do its work."""


class NotANode(NodeError, code="E301", title="The directory is not a node"):
    """The directory is not a node."""


class AlreadyANode(NodeError, code="E302", title="The directory is a node already"):
    """The directory is a node already."""


class NotJoined(NodeError, code="E303", title="The node has not joined a hub"):
    """The node has not joined a hub."""


class UnreadableSource(NodeError, code="E304", title="The file cannot be read"):
    """A file that is damaged or not what it says."""


class BadMapping(NodeError, code="E305", title="The mapping does not fit"):
    """A mapping that does not fit the file."""


class NothingImported(NodeError, code="E306", title="The node holds no data yet"):
    """The node holds no data yet."""


class BadPolicy(NodeError, code="E307", title="The policy cannot be applied"):
    """A policy that cannot be applied."""


class BadMappingFile(NodeError, code="E310", title="The file of mappings cannot be read"):
    """A file of mappings that cannot be read at all."""


class BadProfile(NodeError, code="E308", title="The de-identification profile cannot be applied"):
    """A de-identification profile that cannot be applied."""


class BudgetSpent(NodeError, code="E320", title="The project has asked as much as it may"):
    """A project has asked as much as it may."""


class TooManyQuestions(NodeError, code="E321", title="The project asks faster than it may"):
    """A project asks faster than it may."""


class ImageError(OncommonsError, code="E600", title="The file cannot be kept as an image"):
    """A file cannot be kept as an image."""


class NotDicom(ImageError, code="E601", title="The file is not DICOM"):
    """It is something else."""


class DamagedImage(ImageError, code="E602", title="The image is damaged"):
    """It is cut short or broken."""


class ImageTooLarge(ImageError, code="E603", title="The image is too large"):
    """It is larger than can be handled."""


class MayShowText(ImageError, code="E604", title="The image may show text"):
    """Its pixels may show who the patient is."""


class UnknownKind(ImageError, code="E605", title="The kind of object cannot be cleaned yet"):
    """A kind of object that cannot be cleaned yet."""


class StillIdentifies(ImageError, code="E606", title="Something of the patient is left"):
    """Something of the patient is left after cleaning."""


class ConflictingImage(ImageError, code="E607", title="Another image has the same identifier"):
    """Another image has the same identifier."""


class RejectedImage(ImageError, code="E608", title="A person has rejected the image"):
    """A person of the node has rejected it."""


class NotWaiting(ImageError, code="E645", title="The file is not in quarantine"):
    """A file that is not in quarantine."""


class ForeignRequest(ImageError, code="E646", title="The request came from another site"):
    """A page of another site wants something changed here."""


class MachineError(OncommonsError, code="E400", title="The machine cannot do it"):
    """The machine cannot do it."""


class StorageFull(MachineError, code="E401", title="The disk is full"):
    """The disk is full."""


class PortInUse(MachineError, code="E402", title="The port is in use"):
    """Another program listens there."""


class StorageFailed(MachineError, code="E403", title="The storage cannot be used"):
    """A database or file cannot be used."""


class NotFound(MachineError, code="E404", title="Not found"):
    """No such page, record or route."""


class BadRequest(MachineError, code="E405", title="The request cannot be read"):
    """A request that the hub cannot read."""


class MissingPackage(MachineError, code="E406", title="An optional package is missing"):
    """An optional package is not installed."""


def every_error() -> Iterator[type[OncommonsError]]:
    """Every class of the tree, the root first, each before its children."""
    waiting: list[type[OncommonsError]] = [OncommonsError]
    while waiting:
        kind = waiting.pop(0)
        yield kind
        waiting[:0] = kind.__subclasses__()


def error_from_json(body: object) -> OncommonsError:
    """Rebuild the error that a hub or node reported; an unknown code becomes the root error."""
    fault = body.get("error") if isinstance(body, dict) else None
    if not isinstance(fault, dict):
        return OncommonsError("The other side answered with something that is not an error of ours.")
    kind = {one.code: one for one in every_error()}.get(str(fault.get("code")), OncommonsError)
    return kind(str(fault.get("message") or ""), at=str(fault.get("at") or ""))

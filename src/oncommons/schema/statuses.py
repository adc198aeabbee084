"""The HTTP status of each error: the one table of it, for the wire and for pages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncommons.schema import (
    errors,
    errors_of_analyses,
    errors_of_applications,
    errors_of_decisions,
    errors_of_notices,
    errors_of_people,
    errors_of_permits,
    errors_of_protocols,
    errors_of_rows,
)

STATUS: Mapping[type[errors.OncommonsError], int] = MappingProxyType(
    {
        errors.QuestionError: 422,
        errors.QuestionTooLarge: 413,
        errors_of_protocols.DialectError: 400,
        errors_of_protocols.RecordsNotGiven: 403,
        errors_of_protocols.NobodyAnswered: 503,
        errors.InvitationRefused: 403,
        errors.NameTaken: 409,
        errors.NodeUnknown: 401,
        errors.NodeRevoked: 401,
        errors.ClockSkew: 401,
        errors.TokenRefused: 401,
        errors.HubUnreachable: 503,
        errors.AnswerRefused: 409,
        errors.LinkError: 400,
        errors.BudgetSpent: 429,
        errors.TooManyQuestions: 429,
        errors_of_analyses.BeyondPrivacy: 422,
        errors.NodeError: 400,
        errors_of_rows.ClinicalRowError: 400,
        errors_of_protocols.NotAcceptable: 406,
        errors_of_protocols.NoPicture: 406,
        errors_of_protocols.BadUpload: 415,
        errors_of_protocols.NotLetIn: 401,
        errors.NotWaiting: 409,
        errors.ForeignRequest: 403,
        errors.ImageError: 400,
        errors_of_protocols.PacsError: 400,
        errors_of_protocols.AuditError: 409,
        errors_of_rows.LabelError: 400,
        errors_of_rows.OptOutsLost: 503,
        errors_of_analyses.OutputWithheld: 403,
        errors_of_analyses.NotAdmitted: 403,
        errors_of_analyses.BadPartial: 502,
        errors_of_analyses.AnalysisError: 422,
        errors_of_permits.BadPermit: 422,
        errors_of_permits.NoSuchPermit: 404,
        errors_of_permits.NotTheirMove: 409,
        errors_of_permits.ImagesNotOpened: 401,
        errors_of_permits.ConsentAwaited: 409,
        errors_of_permits.TooManyWait: 429,
        errors_of_permits.NoticeNotTrusted: 422,
        errors_of_permits.PermitError: 403,
        errors_of_rows.CommandError: 400,
        errors_of_people.SignInRefused: 401,
        errors_of_people.NotSignedIn: 401,
        errors_of_people.NotAllowed: 403,
        errors_of_people.TooManyTries: 429,
        errors_of_people.InviteRefused: 403,
        errors_of_people.ForeignForm: 403,
        errors_of_people.LastOperator: 409,
        errors_of_people.ProviderFailed: 502,
        errors_of_people.NotStrongEnough: 403,
        errors_of_people.LinksOff: 409,
        errors_of_people.OtherBrowser: 403,
        errors_of_people.PeopleError: 400,
        errors_of_applications.BadForm: 422,
        errors_of_applications.ChangedMeanwhile: 409,
        errors_of_applications.AttachmentRefused: 415,
        errors_of_applications.NotComplete: 422,
        errors_of_decisions.MovedOn: 409,
        errors_of_decisions.NobodyDecides: 409,
        errors_of_decisions.BadClocks: 500,
        errors_of_applications.ApplicationError: 400,
        errors_of_notices.NoticeError: 503,
        errors.StorageFull: 507,
        errors.StorageFailed: 503,
        errors.NotFound: 404,
        errors.BadRequest: 400,
        errors.MachineError: 500,
        errors.OncommonsError: 500,
    },
)
"""Status of each error; the nearest class in the tree decides."""


def status_of(fault: errors.OncommonsError) -> int:
    """The HTTP status of an error."""
    return next(STATUS[kind] for kind in type(fault).__mro__ if kind in STATUS)

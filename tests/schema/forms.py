"""A small form for tests, and an application that is written with it."""

from oncommons.schema.application import Application
from oncommons.schema.application_form import parse_form


def paragraph(name, kind, **more):
    return {"id": name, "kind": kind, "label": name.title(), **more}


NEEDED = [
    paragraph("title", "line", required=True, most=120),
    paragraph("summary", "text", required=True),
    paragraph("ehds", "ehds", required=True),
    paragraph("datasets", "datasets", required=True),
    paragraph("begin", "day", required=True),
    paragraph("end", "day", required=True),
]
BODY = {
    "id": "access",
    "title": "Application for data",
    "sections": [
        {"id": "project", "title": "The project", "paragraphs": NEEDED},
        {
            "id": "more",
            "title": "More",
            "help": "What else there is to say.",
            "paragraphs": [
                paragraph("place", "choice", options={"home": "At home", "away": "Elsewhere"}),
                paragraph("ethics", "documents", required=True),
                paragraph("notes", "text", most=50),
            ],
        },
    ],
}
FORM = parse_form(BODY).at(1)
ANSWERS = {
    "title": "Lungs of two cities",
    "summary": "We look at lungs.",
    "ehds": ("RESEARCH",),
    "datasets": ("athens/lung", "berlin/chest/ct", "athens/breast"),
    "begin": "2027-01-01",
    "end": "2028-01-01",
}
WRITTEN = Application("a1", 1, "ana", ("bob",), ANSWERS, (), 7, "draft", 1_790_000_000.0, 1_790_000_100.0)

"""Documents: written as they come, refused in time, copied and taken away."""

import hashlib
import stat
import time

import anyio
import pytest
from tests.hub.applications.writers import PDF
from tests.storage.conftest import opened

from oncommons.hub.applications.book import Book
from oncommons.hub.applications.documents import KEEP_SECONDS, MOST_BYTES, MOST_DOCUMENTS, Documents
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import ApplicationError, AttachmentRefused

NOW = 1_790_000_000.0
PIECE = bytes(1_000_000)


@pytest.fixture
def documents(plain, tmp_path):
    return Documents(plain, tmp_path / "documents")


@pytest.fixture
def draft(plain):
    return Book(plain).begin("ana", 1, {}, NOW)


def send(documents, pieces, work=lambda draft: draft, announced=""):
    """Let a document arrive, and do something with it; how many pieces were read."""
    read = []

    async def stream():
        for piece in pieces:
            read.append(len(piece))
            yield piece

    async def all_of_it():
        async with documents.arriving(stream(), announced) as arrived:
            return work(arrived)

    try:
        return anyio.run(all_of_it), read
    except AttachmentRefused as fault:
        return fault, read


def attached(documents, draft, content=PDF, name="vote.pdf", person="ana"):
    to = (draft, "ethics")
    return send(documents, [content], lambda found: documents.attach(to, person, found, name, NOW))[0]


def files(documents):
    return sorted(path.name for path in documents.folder.iterdir())


def test_a_document_is_kept_as_it_came(documents, draft, plain):
    found = attached(documents, draft)
    application = Book(plain).one(draft, "ana").application
    kept, path = documents.open(application, found.id)
    assert (kept, path.read_bytes(), application.attachments) == (found, PDF, (found,))
    assert (found.digest, found.size, found.name) == (hashlib.sha256(PDF).hexdigest(), len(PDF), "vote.pdf")
    assert stat.S_IMODE(path.stat().st_mode) & (stat.S_IXUSR | stat.S_IRWXG | stat.S_IRWXO) == 0
    assert files(documents) == [found.id]


def test_what_is_announced_as_too_large_is_not_read(documents):
    fault, read = send(documents, [PIECE], announced="2000000000")
    assert (isinstance(fault, AttachmentRefused), read) == (True, [])
    assert not documents.folder.exists()


@pytest.mark.parametrize("announced", ["", "7", "-1", "²", "many"])
def test_two_gigabytes_are_read_no_further_than_the_largest_document(documents, announced):
    fault, read = send(documents, (PIECE for _ in range(2_000)), announced=announced)
    assert isinstance(fault, AttachmentRefused)
    assert sum(read) == MOST_BYTES + len(PIECE)
    assert files(documents) == []


def test_the_largest_document_is_taken(documents):
    found, _ = send(documents, [PIECE] * 20)
    assert found.size == MOST_BYTES


def test_what_is_refused_leaves_nothing(documents, draft):
    assert isinstance(attached(documents, draft, b"MZ\x90\x00"), AttachmentRefused)
    assert files(documents) == []


@pytest.mark.parametrize("person", ["bob", ""])
def test_only_authors_attach_and_take_away(documents, draft, person):
    with pytest.raises(NotFound):
        attached(documents, draft, person=person)
    found = attached(documents, draft)
    with pytest.raises(NotFound):
        documents.remove(draft, person, found.id, NOW)
    assert files(documents) == [found.id]


def test_what_is_taken_away_is_gone(documents, draft, plain):
    found = attached(documents, draft)
    documents.remove(draft, "ana", found.id, NOW)
    assert (files(documents), Book(plain).one(draft, "ana").application.attachments) == ([], ())
    with pytest.raises(NotFound):
        documents.remove(draft, "ana", found.id, NOW)


def test_a_copy_keeps_its_documents_whatever_becomes_of_the_first(documents, draft, plain):
    found = attached(documents, draft)
    book = Book(plain)
    copy = book.begin("ana", 1, {}, NOW)
    documents.copy(book.one(draft, "ana").application, copy, "ana", NOW)
    assert documents.open(book.one(draft, "ana").application, found.id)[1].read_bytes() == PDF
    documents.remove(draft, "ana", found.id, NOW)
    (kept,) = book.one(copy, "ana").application.attachments
    assert documents.open(book.one(copy, "ana").application, kept.id)[1].read_bytes() == PDF
    assert (kept.digest, kept.name, kept.id != found.id) == (found.digest, found.name, True)


def test_a_document_of_another_application_is_not_there(documents, draft, plain):
    book = Book(plain)
    other = book.begin("ana", 1, {}, NOW)
    found = attached(documents, draft)
    with pytest.raises(NotFound):
        documents.open(book.one(other, "ana").application, found.id)
    with pytest.raises(NotFound):
        documents.remove(other, "ana", found.id, NOW)


def test_an_application_has_so_many_documents(documents, draft, plain):
    first = attached(documents, draft)
    application = Book(plain).one(draft, "ana").application
    for _ in range(MOST_DOCUMENTS - 1):
        documents.copy(application, draft, "ana", NOW)
    with pytest.raises(ApplicationError):
        attached(documents, draft)
    assert len(files(documents)) == MOST_DOCUMENTS
    assert first.id in files(documents)


def test_what_a_dead_machine_left_is_swept_away_after_a_day(documents, draft):
    lasting, undone = attached(documents, draft), attached(documents, draft)
    gone = "0" * 24
    for name in (gone, "arriving-x"):
        (documents.folder / name).write_bytes(PDF)
    documents.going([gone, undone.id])
    documents.sweep(time.time())
    assert len(files(documents)) == 6
    documents.sweep(time.time() + KEEP_SECONDS + 1)
    assert files(documents) == sorted([lasting.id, undone.id])


def test_with_another_database_no_document_is_swept_away(documents, draft, tmp_path):
    """A hub that is started with the wrong database must not lose what the right one knows."""
    lasting = attached(documents, draft)
    with opened(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        Documents(other, documents.folder).sweep(time.time() + KEEP_SECONDS + 1)
    assert files(documents) == [lasting.id]


def test_there_is_nothing_to_sweep_where_nothing_was_attached(documents):
    documents.sweep(NOW)
    assert not documents.folder.exists()

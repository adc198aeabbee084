"""A serving hub sends e-mails by itself, and goes on whatever happens."""

import anyio
import pytest
from tests.hub.callers import START
from tests.hub.notices.test_outbox import Post
from tests.hub.notices.test_telling import notice, told

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.outbox import Round
from oncommons.hub.notices.post import FILE, MailSettings
from oncommons.hub.notices.postman import Postman, by_smtp, delivering
from oncommons.schema.errors_of_notices import NoticeError


@pytest.fixture
def url(sqlite_url):
    """SQLite only: the outbox runs on PostgreSQL in test_on_both."""
    return sqlite_url


@pytest.fixture
def postman(database, tmp_path):
    def make(post, every=0.0, clock=lambda: START):
        return Postman(database, tmp_path, "Commons", "https://hub.example", clock, lambda _: post, every)

    return make


def name_a_server(folder):
    MailSettings("mail.example", "commons@athens.example").keep(folder)


def test_a_hub_without_a_mail_server_sends_none_and_one_that_is_named_later_holds_at_once(
    database, people, postman, tmp_path
):
    post = Post()
    told(database, notice(people[0]))
    ours = postman(post)
    assert ours.round() is None
    name_a_server(tmp_path)
    assert ours.round() == Round(1)
    assert post.taken[0]["from"].startswith("Commons <commons@")


def test_what_is_long_over_is_deleted_on_the_way(database, people, postman):
    told(database, notice(people[0]), now=START - 400 * 86_400)
    Inbox(database).read(people[0], None, START - 400 * 86_400)
    postman(Post()).round()
    assert Inbox(database).news(people[0]) == ([], False)


def test_it_goes_on_after_faults_of_any_kind(database, people, postman, tmp_path):
    told(database, notice(people[0]))
    (tmp_path / FILE).write_text("{", "utf-8")
    with pytest.raises(NoticeError):
        postman(Post()).round()
    times = iter([START, START, START + 601, START + 601])
    done = anyio.Event()

    class Repaired(Post):
        def __call__(self, message):
            super().__call__(message)
            anyio.from_thread.run_sync(done.set)

    ours = postman(Repaired(RuntimeError("nobody foresaw it")), clock=lambda: next(times, START + 601))

    async def live():
        async with delivering(ours):
            name_a_server(tmp_path)
            with anyio.fail_after(20):
                await done.wait()

    anyio.run(live)
    assert len(ours.sends(None).taken) == 1


def test_by_default_it_speaks_smtp():
    settings = MailSettings("mail.example", "commons@athens.example")
    assert by_smtp(settings).__self__.settings == settings

"""What an e-mail says, read as a mail reader reads it."""

from email import message_from_bytes, policy

import pytest
from tests.hub.callers import START

from oncommons.hub.notices.writing import Envelope, From, Item, trial, write
from oncommons.schema.errors_of_notices import MailRefused
from oncommons.schema.notices import Notice

HUB = From("Commons", "https://hub.example", "commons@athens.example")
TO = Envelope("ana@athens.example", "m-1", START)
WAITS = Item("Vote on an application.", "/decisions/A-7", START + 86_400)
NEWS = Item("A permit was issued.", "/permits/P-7", None)


def read(message):
    return message_from_bytes(bytes(message), policy=policy.default)


def text(message):
    return read(message).get_content().replace("\r\n", "\n")


def test_an_e_mail_tells_what_waits_then_the_news_and_where():
    got = read(write(HUB, TO, [NEWS, WAITS]))
    assert text(write(HUB, TO, [NEWS, WAITS])) == (
        "What waits for you\n\n- Vote on an application. (by 2026-09-22 14:13 UTC)\n"
        "  https://hub.example/decisions/A-7\n\n"
        "News\n\n- A permit was issued.\n  https://hub.example/permits/P-7\n\n"
        "-- \nYou have an account at Commons, https://hub.example\n"
        "How you are told: https://hub.example/inbox/wishes\n"
        "Please do not answer to this e-mail; nobody reads it.\n"
    )
    assert got.get_content_type() == "text/plain"
    assert dict(got.items()) | {"MIME-Version": "1.0"} == {
        "From": "Commons <commons@athens.example>",
        "To": "ana@athens.example",
        "Subject": "Commons: one thing waits for you",
        "Date": "Mon, 21 Sep 2026 14:13:20 +0000",
        "Message-ID": "<m-1@athens.example>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "MIME-Version": "1.0",
    }


@pytest.mark.parametrize(
    ("items", "subject"),
    [
        ([WAITS, WAITS, NEWS], "2 things wait for you"),
        ([NEWS], "one piece of news"),
        ([NEWS, NEWS], "2 pieces of news"),
    ],
)
def test_the_subject_says_how_much_and_not_what(items, subject):
    assert read(write(HUB, TO, items))["subject"] == f"Commons: {subject}"


EVIL = "A\r\nBcc: eva@else.example\r\n\r\n.\r\nMAIL FROM:<x@y.example>\u2028\x00B"


def test_nobodys_words_get_into_the_headers():
    says = Notice("p", "permit", EVIL, "/x", "once").line
    got = read(write(From(EVIL, HUB.url, HUB.sender), TO, [Item(says, "/x", None)]))
    assert got["bcc"] is None
    assert got["from"].addresses[0].addr_spec == HUB.sender
    assert got["to"].addresses[0].addr_spec == TO.to
    assert len(got["from"].addresses) == len(got["to"].addresses) == 1
    assert got.get_content().count("\n- A Bcc: eva@else.example . MAIL FROM:<x@y.example> B\r\n") == 1


@pytest.mark.parametrize(
    "to",
    [
        "ana@athens.example\r\nBcc: eva@else.example", "ana@athens.example, eva@else.example", ".ana@athens.example",
        "a..na@athens.example", "\u03ac\u03bd\u03bd\u03b1@athens.example", "", "ana@", "@", "ana@[", '"ana@athens.example',
    ],
)  # fmt: skip
def test_what_is_no_address_or_two_is_refused_for_good(to):
    with pytest.raises(MailRefused):
        trial(HUB, Envelope(to, "m-1", START))


def test_a_line_of_a_single_dot_and_long_and_foreign_words_arrive():
    says = "\u03b4\u03b5\u03af\u03b3\u03bc\u03b1 " * 40
    assert says.strip() in read(write(HUB, TO, [Item(says.strip(), "/x", None)])).get_content()

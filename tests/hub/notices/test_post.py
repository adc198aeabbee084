"""One e-mail by SMTP, to servers that are kind, and to servers that are not."""

import json
import stat

import pytest
from tests.hub.callers import START
from tests.hub.notices.catcher import AUTHORITY, catching

from oncommons.hub.notices.post import FILE, PASSWORD, MailSettings, Smtp, mail_settings
from oncommons.hub.notices.writing import Envelope, From, trial
from oncommons.schema.errors_of_notices import MailNotSent, MailRefused, NoticeError

HUB = From("Commons", "https://hub.example", "commons@athens.example")


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(file)
    return str(file)


def settings(caught, **parts):
    return MailSettings("localhost", HUB.sender, caught.security, caught.port, **parts)


def send(caught, to="ana@athens.example", **parts):
    Smtp(settings(caught, **parts), 5).send(trial(HUB, Envelope(to, "m-1", START)))


def test_an_e_mail_arrives_as_it_was_written():
    with catching() as caught:
        send(caught)
    assert caught.envelopes == [(HUB.sender, "ana@athens.example")]
    assert (caught.messages[0]["subject"], caught.messages[0]["message-id"]) == (
        "Commons: a trial",
        "<m-1@athens.example>",
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_over_tls_who_signs_in_is_let_in(ca, tmp_path, security):
    file = tmp_path / "password"
    file.write_text("secret\nnot this\n", "utf-8")
    with catching(security) as caught:
        caught.people["hub"] = "secret"
        send(caught, ca=ca, user="hub", password_file=str(file))
    assert (len(caught.raw), caught.signed_in) == (1, ["hub"])


def test_a_wrong_password_is_told_and_may_be_repaired(ca, monkeypatch):
    monkeypatch.setenv(PASSWORD, "wrong")
    with catching("starttls") as caught:
        caught.people["hub"] = "secret"
        with pytest.raises(MailNotSent, match="sign-in"):
            send(caught, ca=ca, user="hub")
    assert caught.raw == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_a_stranger_is_not_trusted(security):
    with catching(security) as caught, pytest.raises(MailNotSent, match="not to be trusted"):
        send(caught)
    assert caught.raw == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_name_is_not_trusted(ca, security):
    with catching(security, "mail.else.example") as caught, pytest.raises(MailNotSent, match="not to be trusted"):
        send(caught, ca=ca)
    assert caught.raw == []


def test_a_server_that_offers_no_tls_gets_nothing(ca):
    with catching("none") as caught:
        plain = MailSettings("localhost", HUB.sender, "starttls", caught.port, ca=ca)
        with pytest.raises(MailNotSent):
            Smtp(plain, 5).send(trial(HUB, Envelope("ana@athens.example", "m-1", START)))
    assert caught.envelopes == []


@pytest.mark.parametrize(
    "refuse",
    [
        {"EHLO": "DROP"}, {"MAIL": "DROP"}, {"RCPT": "DROP"}, {"DATA": "DROP"}, {"BODY": "DROP"}, {"END": "DROP"},
        {"MAIL": "550 you are not wanted"}, {"RCPT": "451 later"}, {"BODY": "452 full"},
    ],
    ids=str,
)  # fmt: skip
def test_what_may_pass_is_tried_again(refuse):
    with catching(**refuse) as caught, pytest.raises(MailNotSent):
        send(caught)


@pytest.mark.parametrize("refuse", [{"RCPT": "550 nobody of that name"}, {"BODY": "554 looks like spam"}], ids=str)
def test_what_will_not_pass_is_refused_for_good(refuse):
    with catching(**refuse) as caught, pytest.raises(MailRefused) as told:
        send(caught)
    assert "nobody of that name" not in told.value.message


def test_an_address_that_the_server_cannot_take_is_refused_for_good():
    with catching() as caught, pytest.raises(MailRefused):
        send(caught, "\u03ac\u03bd\u03bd\u03b1@athens.example")


def test_nobody_listens():
    with catching() as caught:
        gone = settings(caught)
    with pytest.raises(MailNotSent):
        Smtp(gone, 5).send(trial(HUB, Envelope("ana@athens.example", "m-1", START)))


@pytest.mark.parametrize(
    "parts",
    [
        {"sender": "nobody"}, {"sender": "a@b.example\nBcc: c@d.example"}, {"security": "ssl"}, {"host": ""},
        {"host": "a b"}, {"host": "a\nb"}, {"port": -1}, {"port": 65_536}, {"user": "hub", "security": "none"},
    ],
    ids=str,
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(parts):
    with pytest.raises(NoticeError):
        MailSettings(**{"host": "mail.example", "sender": HUB.sender} | parts)


def test_a_password_that_is_nowhere_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv(PASSWORD, raising=False)
    for file in ("", str(tmp_path / "none"), str(tmp_path)):
        with pytest.raises(NoticeError, match="password"):
            MailSettings("h", HUB.sender, user="hub", password_file=file).password()


def test_a_password_that_smtp_cannot_carry_is_told(monkeypatch):
    monkeypatch.setenv(PASSWORD, "s\u00e9cret")
    with pytest.raises(NoticeError, match="ASCII"):
        MailSettings("h", HUB.sender, user="hub").password()


def test_settings_are_kept_for_their_owner_without_the_password(tmp_path, monkeypatch):
    monkeypatch.setenv(PASSWORD, "geheim-77")
    assert mail_settings(tmp_path) is None
    kept = MailSettings("mail.example", HUB.sender, "tls", 4465, "hub", "/etc/password", "")
    kept.keep(tmp_path)
    assert mail_settings(tmp_path) == kept
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert "geheim-77" not in (tmp_path / FILE).read_text("utf-8")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '"x"', json.dumps({"host": "h", "sender": HUB.sender, "more": 1}), "null"]
)
def test_a_damaged_file_is_told(tmp_path, text):
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(NoticeError):
        mail_settings(tmp_path)

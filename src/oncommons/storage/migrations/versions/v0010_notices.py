"""Notices, how people want to be told, and e-mails; marks by which entries of the audit log are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    notices()
    mail()
    marks()


def notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("says", sa.String(300), nullable=False),
        sa.Column("where", sa.String(300), nullable=False),
        sa.Column("once", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("until", sa.Float, nullable=True),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("read", sa.Float, nullable=True),
        sa.Column("settled", sa.Float, nullable=True),
        sa.Column("mail", sa.String(24), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_notice_person_person", ondelete="CASCADE"),
        sa.UniqueConstraint("person", "once", name="uq_notice_person"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_person_made", "notice", ["person", "made"])
    op.create_index("ix_notice_made", "notice", ["made"])
    op.create_index("ix_notice_subject", "notice", ["subject"])
    op.create_index("ix_notice_mail", "notice", ["mail"])
    op.create_table(
        "notice_wish",
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_notice_wish_person_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "kind", name="pk_notice_wish"),
    )


def mail() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("daily", sa.Boolean, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("next", sa.Float, nullable=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("sent", sa.Float, nullable=True),
        sa.Column("fault", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_mail_person_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
    )
    op.create_index("ix_mail_person", "mail", ["person"])
    op.create_index("ix_mail_next", "mail", ["next"])


def marks() -> None:
    op.create_table(
        "audit_mark",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("time", sa.String(24), nullable=False),
        sa.Column("job", sa.String(64), nullable=False),
        sa.Column("permit", sa.String(64), nullable=False),
        sa.Column("project", sa.String(64), nullable=False),
        sa.Column("nodes", sa.Text, nullable=False),
        sa.Column("datasets", sa.Text, nullable=False),
        sa.Column("refused", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_mark"),
    )
    for column in ("kind", "time", "job", "permit"):
        op.create_index(f"ix_audit_mark_{column}", "audit_mark", [column])

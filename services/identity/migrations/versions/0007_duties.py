"""Break-glass keys and openings; bodies against candidates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

ELECTION, PATH, CODE, NAME, STATE = (sa.String(length=size) for size in (20, 40, 20, 200, 20))
INSTANT = sa.DateTime(timezone=True)


def _text(name: str, kind: sa.types.TypeEngine[str]) -> sa.Column[str]:
    return sa.Column(name, kind, server_default="", nullable=False)


def upgrade() -> None:
    _members()
    _heard()
    _conflicts()
    _keys()
    _openings()
    op.create_index("ix_ledger_entered_at", "ledger", ["entered_at"], unique=False, postgresql_using="brin")


def _members() -> None:
    op.add_column("members", sa.Column("born", sa.Date(), nullable=True))
    op.add_column("members", _text("login", sa.String(length=64)))
    op.add_column("members", _text("folded", NAME))
    op.create_index("ix_members_folded", "members", ["folded"], unique=False)
    op.create_index(
        "ix_members_not_folded", "members", ["body"], unique=False, postgresql_where=sa.text("folded = ''")
    )


def _heard() -> None:
    op.create_table(
        "heard_elections",
        sa.Column("election", ELECTION, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("clock", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("election", name=op.f("pk_heard_elections")),
    )
    op.create_table(
        "heard_constituencies",
        sa.Column("election", ELECTION, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("path", PATH, nullable=False),
        sa.Column("title", NAME, nullable=False),
        sa.PrimaryKeyConstraint("election", "code", name=op.f("pk_heard_constituencies")),
    )
    op.create_index("ix_heard_constituencies_path", "heard_constituencies", ["election", "path"], unique=False)
    op.create_table(
        "heard_areas",
        sa.Column("election", ELECTION, nullable=False),
        sa.Column("path", PATH, nullable=False),
        sa.Column("na", CODE, nullable=False),
        sa.Column("pc", CODE, nullable=False),
        sa.Column("cc", CODE, nullable=False),
        sa.PrimaryKeyConstraint("election", "path", name=op.f("pk_heard_areas")),
    )
    op.create_table(
        "heard_candidates",
        sa.Column("election", ELECTION, nullable=False),
        sa.Column("constituency", CODE, nullable=False),
        sa.Column("dossier", sa.Uuid(), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("folded", NAME, nullable=False),
        sa.Column("born", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("election", "constituency", "dossier", name=op.f("pk_heard_candidates")),
    )
    op.create_index("ix_heard_candidates_folded", "heard_candidates", ["election", "folded"], unique=False)


def _conflicts() -> None:
    op.create_table(
        "conflicts",
        sa.Column("election", ELECTION, nullable=False),
        sa.Column("path", PATH, nullable=False),
        sa.Column("dossier", sa.Uuid(), nullable=False),
        sa.Column("constituency", CODE, nullable=False),
        sa.Column("title", NAME, nullable=False),
        sa.Column("member", NAME, nullable=False),
        sa.Column("candidate", NAME, nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        _text("explanation", sa.Text()),
        sa.Column("explained_by", sa.Uuid(), nullable=True),
        _text("explained_name", NAME),
        sa.CheckConstraint("state IN ('open', 'explained', 'settled')", name=op.f("ck_conflicts_state")),
        sa.PrimaryKeyConstraint("election", "path", "dossier", "constituency", name=op.f("pk_conflicts")),
    )


def _keys() -> None:
    op.create_table(
        "sealed_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("election", ELECTION, nullable=False),
        sa.Column("unit", PATH, nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", INSTANT, nullable=False),
        sa.Column("sealed_by", sa.Uuid(), nullable=False),
        sa.Column("sealed_name", NAME, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_sealed_keys_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_keys")),
    )
    op.create_index(
        "uq_sealed_keys_holder",
        "sealed_keys",
        ["election", "unit", "person"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _openings() -> None:
    op.create_table(
        "openings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("election", ELECTION, nullable=False),
        sa.Column("unit", PATH, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_name", NAME, nullable=False),
        sa.Column("asked_machine", sa.String(length=64), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("lapses_at", INSTANT, nullable=False),
        sa.Column("joined_by", sa.Uuid(), nullable=True),
        _text("joined_name", NAME),
        _text("joined_machine", sa.String(length=64)),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("lent", sa.Uuid(), nullable=True),
        sa.Column("over_at", INSTANT, nullable=True),
        _text("over_name", NAME),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        _text("reviewed_name", NAME),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("in_order", sa.Boolean(), nullable=True),
        _text("verdict", sa.Text()),
        sa.CheckConstraint("state IN ('asked', 'lapsed', 'open', 'over', 'reviewed')", name=op.f("ck_openings_state")),
        sa.CheckConstraint("joined_by IS NULL OR joined_by <> asked_by", name=op.f("ck_openings_two_people")),
        sa.CheckConstraint(
            "joined_machine = '' OR joined_machine <> asked_machine", name=op.f("ck_openings_two_machines")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'lapsed') OR (joined_by IS NOT NULL AND lent IS NOT NULL)",
            name=op.f("ck_openings_joined"),
        ),
        sa.CheckConstraint(
            "reviewed_by IS NULL OR reviewed_by NOT IN (asked_by, joined_by)", name=op.f("ck_openings_third_person")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_openings_asked_by")),
        sa.ForeignKeyConstraint(["lent"], ["grants.id"], name=op.f("fk_openings_lent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openings")),
    )
    op.create_index(
        "uq_openings_standing",
        "openings",
        ["election", "unit"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'open')"),
    )
    op.create_index("ix_openings_unit", "openings", ["election", "unit", "asked_at"], unique=False)

"""Passkeys, families of session tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _families_of_tokens()
    passkeys()
    recoveries()


def passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=36), nullable=False),
        sa.Column("attested", sa.Boolean(), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_cause", sa.String(length=20), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (end_cause = '')", name=op.f("ck_passkeys_ended")),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_passkeys_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(
        "ix_passkeys_live", "passkeys", ["person"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "ceremonies",
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_ceremonies_person")),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_ceremonies")),
    )
    op.create_index(op.f("ix_ceremonies_ends_at"), "ceremonies", ["ends_at"], unique=False)
    op.create_table(
        "disowned",
        sa.Column("session", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name=op.f("fk_disowned_session")),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_disowned")),
    )


def recoveries() -> None:
    op.create_table(
        "recovery_asks",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("device", sa.String(length=400), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_recovery_asks")),
    )
    op.create_table(
        "recoveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("device", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("activation", sa.Uuid(), nullable=True),
        sa.Column("refused_by", sa.Uuid(), nullable=True),
        sa.Column("refusal", sa.String(length=4000), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'half', 'confirmed', 'used', 'refused', 'lapsed')", name=op.f("ck_recoveries_state")
        ),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_recoveries_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
    )
    op.create_index(
        "uq_recoveries_open",
        "recoveries",
        ["person"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'half', 'confirmed')"),
    )
    op.create_table(
        "recovery_confirmations",
        sa.Column("recovery", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_recovery_confirmations_person")),
        sa.ForeignKeyConstraint(["recovery"], ["recoveries.id"], name=op.f("fk_recovery_confirmations_recovery")),
        sa.PrimaryKeyConstraint("recovery", "person", name=op.f("pk_recovery_confirmations")),
    )


def _families_of_tokens() -> None:
    """Tokens of sessions follow one another; the former ones are kept to be recognised."""
    op.add_column("sessions", sa.Column("next_hash", sa.LargeBinary(), nullable=True))
    op.add_column(
        "sessions",
        sa.Column("renewed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.create_index("uq_sessions_next", "sessions", ["next_hash"], unique=True)
    op.create_index("ix_sessions_ended_at", "sessions", ["ended_at"], unique=False)
    op.create_table(
        "former_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session", sa.Uuid(), nullable=False),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name=op.f("fk_former_tokens_session")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_former_tokens")),
    )
    op.create_index(op.f("ix_former_tokens_good_until"), "former_tokens", ["good_until"], unique=False)
    op.create_index(op.f("ix_former_tokens_session"), "former_tokens", ["session"], unique=False)

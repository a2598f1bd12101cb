"""The first tables of candidates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "answered",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("door", sa.String(length=100), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("person", "key", "door", name=op.f("pk_answered")),
    )
    op.create_table(
        "elections",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("slots", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("clock_real_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_speed", sa.Integer(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "rehearsal = starts_with(election, 'dien-tap-')", name=op.f("ck_elections_id_says_rehearsal")
        ),
        sa.CheckConstraint(
            "rehearsal OR (clock_speed = 1 AND clock_shown_at = clock_real_at)", name=op.f("ck_elections_real_clock")
        ),
        sa.PrimaryKeyConstraint("election", name=op.f("pk_elections")),
    )
    op.create_table(
        "heard",
        sa.Column("handler", sa.String(length=200), nullable=False),
        sa.Column("aggregate", sa.String(length=300), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("handler", "aggregate", name=op.f("pk_heard")),
    )
    op.create_table(
        "inbox",
        sa.Column("handler", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("handler", "id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("aggregate", sa.String(length=300), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "headers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("aggregate", "version", name=op.f("uq_outbox_aggregate_version")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    op.create_index("ix_outbox_untold", "outbox", ["seq"], unique=False, postgresql_where=sa.text("told_at IS NULL"))
    op.create_table(
        "parked",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("handler", sa.String(length=200), nullable=False),
        sa.Column("queue", sa.String(length=255), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "headers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("redriven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.LargeBinary(), sa.Computed("sha256(body)", persisted=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked")),
    )
    op.create_index(
        "ix_parked_waiting", "parked", ["id"], unique=False, postgresql_where=sa.text("redriven_at IS NULL")
    )
    op.create_index(
        "uq_parked_waiting",
        "parked",
        ["handler", "digest"],
        unique=True,
        postgresql_where=sa.text("redriven_at IS NULL"),
    )
    op.create_table(
        "units",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("path", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_units")),
        sa.UniqueConstraint("path", name=op.f("uq_units_path")),
    )
    op.create_table(
        "versions",
        sa.Column("aggregate", sa.String(length=300), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("aggregate", name=op.f("pk_versions")),
    )
    op.create_table(
        "structures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=400), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_structures_election")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structures")),
    )
    op.create_table(
        "constituencies",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("contest", sa.String(length=2), nullable=False),
        sa.Column("path", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("seats", sa.SmallInteger(), nullable=False),
        sa.Column("communes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("extent", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("resolution", sa.String(length=400), nullable=False),
        sa.Column("structure", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "seats BETWEEN 1 AND CASE contest WHEN 'NA' THEN 3 ELSE 5 END", name=op.f("ck_constituencies_seats_by_law")
        ),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_constituencies_election")),
        sa.ForeignKeyConstraint(["structure"], ["structures.id"], name=op.f("fk_constituencies_structure")),
        sa.PrimaryKeyConstraint("election", "code", name=op.f("pk_constituencies")),
    )
    op.create_index("ix_constituencies_path", "constituencies", ["election", "path"], unique=False)
    op.create_table(
        "communes_of_constituencies",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("contest", sa.String(length=2), nullable=False),
        sa.Column("commune", sa.String(length=5), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.CheckConstraint("contest IN ('NA', 'PC')", name=op.f("ck_communes_of_constituencies_whole_communes")),
        sa.ForeignKeyConstraint(
            ["election", "code"],
            ["constituencies.election", "constituencies.code"],
            name=op.f("fk_communes_of_constituencies_election_code"),
        ),
        sa.PrimaryKeyConstraint("election", "contest", "commune", name=op.f("pk_communes_of_constituencies")),
    )
    op.create_table(
        "dossiers",
        sa.Column("dossier", sa.Uuid(), nullable=False),
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("contest", sa.String(length=2), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("other_name", sa.String(length=400), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=10), nullable=False),
        sa.Column("concealed", sa.LargeBinary(), nullable=False),
        sa.Column("ethnicity", sa.String(length=200), nullable=False),
        sa.Column("religion", sa.String(length=400), nullable=False),
        sa.Column("home_town", sa.String(length=200), nullable=False),
        sa.Column("residence", sa.String(length=200), nullable=False),
        sa.Column("background", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("nominator", sa.String(length=10), nullable=False),
        sa.Column("nominated_by", sa.String(length=400), nullable=False),
        sa.Column("order_key", sa.Text(collation="C"), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("receipt_findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("check_findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("identity_fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("constituency", sa.String(length=12), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.String(length=400), nullable=False),
        sa.Column("received_by_id", sa.Uuid(), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=False),
        sa.Column("checked_by", sa.String(length=400), nullable=False),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        sa.Column("checked_content", sa.String(length=64), nullable=True),
        sa.Column("confirmed_by", sa.String(length=400), nullable=False),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_content", sa.String(length=64), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(constituency IS NOT NULL) = (state IN ('placed', 'listed', 'struck'))", name=op.f("ck_dossiers_has_place")
        ),
        sa.CheckConstraint(
            "state NOT IN ('placed', 'listed') OR confirmed_content = content",
            name=op.f("ck_dossiers_two_people_read_it"),
        ),
        sa.CheckConstraint(
            "confirmed_by_id NOT IN (entered_by_id, received_by_id, checked_by_id)",
            name=op.f("ck_dossiers_second_person"),
        ),
        sa.CheckConstraint("octet_length(concealed) = 16", name=op.f("ck_dossiers_number_is_concealed")),
        sa.ForeignKeyConstraint(
            ["election", "constituency"],
            ["constituencies.election", "constituencies.code"],
            name=op.f("fk_dossiers_election_constituency"),
        ),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_dossiers_election")),
        sa.PrimaryKeyConstraint("dossier", name=op.f("pk_dossiers")),
    )
    op.create_index("ix_dossiers_constituency", "dossiers", ["election", "constituency"], unique=False)
    op.create_index("ix_dossiers_unit", "dossiers", ["election", "unit", "order_key"], unique=False)
    op.create_index(
        "uq_dossiers_person_in_contest",
        "dossiers",
        ["election", "concealed", "contest"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'struck')"),
    )
    op.create_table(
        "official_lists",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("constituency", sa.String(length=12), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("contest", sa.String(length=2), nullable=False),
        sa.Column("path", sa.String(length=40), nullable=False),
        sa.Column("seats", sa.SmallInteger(), nullable=False),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("document", sa.String(length=400), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["election", "constituency"],
            ["constituencies.election", "constituencies.code"],
            name=op.f("fk_official_lists_election_constituency"),
        ),
        sa.PrimaryKeyConstraint("election", "constituency", "version", name=op.f("pk_official_lists")),
    )
    op.create_index(
        "uq_official_lists_standing",
        "official_lists",
        ["election", "constituency"],
        unique=True,
        postgresql_where=sa.text("stands"),
    )
    op.create_table(
        "dossier_steps",
        sa.Column("dossier", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.String(length=400), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("superseded", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.dossier"], name=op.f("fk_dossier_steps_dossier")),
        sa.PrimaryKeyConstraint("dossier", "number", name=op.f("pk_dossier_steps")),
    )

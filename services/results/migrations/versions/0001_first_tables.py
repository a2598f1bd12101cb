"""The first tables of results."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("receipt_numbers")))
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
        "areas",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("na", sa.String(length=20), nullable=False),
        sa.Column("pc", sa.String(length=20), nullable=False),
        sa.Column("cc", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), server_default="awaited", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opening_witnesses", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("count_witnesses", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("rights_at_opening", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("state IN ('awaited', 'open', 'closed')", name=op.f("ck_areas_state")),
        sa.CheckConstraint("closed_at > opened_at", name=op.f("ck_areas_order")),
        sa.PrimaryKeyConstraint("election", "code", name=op.f("pk_areas")),
    )
    op.create_index("ix_areas_unit", "areas", ["election", "unit"], unique=False)
    op.create_table(
        "ballot_uses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("contest", sa.String(length=2), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("spoiled", sa.BigInteger(), nullable=False),
        sa.Column("unused", sa.BigInteger(), nullable=False),
        sa.Column("witnesses", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_uses")),
        sa.UniqueConstraint(
            "election", "area", "contest", "version", name=op.f("uq_ballot_uses_election_area_contest_version")
        ),
    )
    op.create_index(
        "uq_ballot_uses_current",
        "ballot_uses",
        ["election", "area", "contest"],
        unique=True,
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "commune_sums",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("constituency", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("areas", sa.BigInteger(), nullable=False),
        sa.Column("approved", sa.BigInteger(), nullable=False),
        sa.Column("voters", sa.BigInteger(), nullable=False),
        sa.Column("took_part", sa.BigInteger(), nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("collected", sa.BigInteger(), nullable=False),
        sa.Column("valid", sa.BigInteger(), nullable=False),
        sa.Column("invalid", sa.BigInteger(), nullable=False),
        sa.Column("votes", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("election", "constituency", "unit", name=op.f("pk_commune_sums")),
    )
    op.create_table(
        "constituencies",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("contest", sa.String(length=2), nullable=False),
        sa.Column("path", sa.String(length=40), nullable=False),
        sa.Column("told", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("election", "code", name=op.f("pk_constituencies")),
    )
    op.create_table(
        "drafts",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("contest", sa.String(length=2), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("election", "area", "contest", "person", name=op.f("pk_drafts")),
    )
    op.create_table(
        "elections",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slots", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("clock", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
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
        "incidents",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("area", sa.String(length=20), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reported_name", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("needs_decision", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'settled')", name=op.f("ck_incidents_state")),
        sa.PrimaryKeyConstraint("election", "unit", "number", name=op.f("pk_incidents")),
    )
    op.create_table(
        "official_lists",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("constituency", sa.String(length=20), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=False),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("election", "constituency", name=op.f("pk_official_lists")),
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
        "record_versions",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("contest", sa.String(length=2), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stood", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("superseded_by", sa.Uuid(), nullable=False),
        sa.Column("superseded_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("election", "area", "contest", "version", name=op.f("pk_record_versions")),
    )
    op.create_table(
        "records",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("contest", sa.String(length=2), nullable=False),
        sa.Column("constituency", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), server_default="awaited", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_by", sa.Uuid(), nullable=True),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_figures", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("second_by", sa.Uuid(), nullable=True),
        sa.Column("second_name", sa.Text(), server_default="", nullable=False),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_figures", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("tellings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("compared_by", sa.Uuid(), nullable=True),
        sa.Column("compared_name", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_name", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("voters", sa.BigInteger(), nullable=True),
        sa.Column("took_part", sa.BigInteger(), nullable=True),
        sa.Column("issued", sa.BigInteger(), nullable=True),
        sa.Column("collected", sa.BigInteger(), nullable=True),
        sa.Column("valid", sa.BigInteger(), nullable=True),
        sa.Column("invalid", sa.BigInteger(), nullable=True),
        sa.Column("votes", sa.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("kinds", sa.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("content", sa.String(length=64), nullable=True),
        sa.Column("vector", sa.String(length=32), nullable=True),
        sa.Column("findings", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(state IN ('waiting', 'approved')) = (content IS NOT NULL)", name=op.f("ck_records_agreed")
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR (first_by IS NOT NULL AND second_by IS NOT NULL AND approved_by IS NOT "
            "NULL AND content IS NOT NULL AND valid IS NOT NULL AND approved_by <> first_by AND approved_by "
            "<> second_by AND (compared_by IS NULL OR approved_by <> compared_by))",
            name=op.f("ck_records_approved"),
        ),
        sa.CheckConstraint(
            "state IN ('awaited', 'entering_first', 'entered_first', 'entering_second', 'differs', 'faulty', "
            "'waiting', 'approved', 'returned', 'reopened')",
            name=op.f("ck_records_state"),
        ),
        sa.CheckConstraint(
            "compared_by IS NULL OR (compared_by <> first_by AND compared_by <> second_by)",
            name=op.f("ck_records_compared"),
        ),
        sa.CheckConstraint(
            "first_by IS NULL OR second_by IS NULL OR first_by <> second_by", name=op.f("ck_records_two_people")
        ),
        sa.PrimaryKeyConstraint("election", "area", "contest", name=op.f("pk_records")),
    )
    op.create_index("ix_records_constituency", "records", ["election", "constituency", "unit"], unique=False)
    op.create_index("ix_records_unit", "records", ["election", "unit", "state"], unique=False)
    op.create_index(
        "ix_records_vector",
        "records",
        ["election", "constituency", "vector"],
        unique=False,
        postgresql_where=sa.text("vector IS NOT NULL"),
    )
    op.create_table(
        "result_versions",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("constituency", sa.String(length=20), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stood", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("election", "constituency", "version", name=op.f("pk_result_versions")),
    )
    op.create_table(
        "results",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("constituency", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), server_default="collecting", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("stands_anyway", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("first", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("first_document", sa.Text(), server_default="", nullable=False),
        sa.Column("first_by", sa.Uuid(), nullable=True),
        sa.Column("meeting", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("told", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("prepared_by", sa.Uuid(), nullable=True),
        sa.Column("prepared_name", sa.Text(), server_default="", nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declared_by", sa.Uuid(), nullable=True),
        sa.Column("declared_name", sa.Text(), server_default="", nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'declared' OR (prepared_by IS NOT NULL AND declared_by IS NOT NULL AND declared_by <> "
            "prepared_by)",
            name=op.f("ck_results_two_people"),
        ),
        sa.CheckConstraint(
            "state IN ('collecting', 'complete', 'prepared', 'declared')", name=op.f("ck_results_state")
        ),
        sa.PrimaryKeyConstraint("election", "constituency", name=op.f("pk_results")),
    )
    op.create_table(
        "turnout_reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("slot", sa.String(length=5), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("took_part", sa.BigInteger(), nullable=False),
        sa.Column("voters", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reported_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("took_part >= 0 AND voters >= 0", name=op.f("ck_turnout_reports_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turnout_reports")),
        sa.UniqueConstraint(
            "election", "area", "slot", "version", name=op.f("uq_turnout_reports_election_area_slot_version")
        ),
    )
    op.create_index(
        "uq_turnout_reports_current",
        "turnout_reports",
        ["election", "area", "slot"],
        unique=True,
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "units",
        sa.Column("path", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_units")),
    )
    op.create_table(
        "versions",
        sa.Column("aggregate", sa.String(length=300), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("aggregate", name=op.f("pk_versions")),
    )
    op.create_table(
        "voter_lists",
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("rights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("election", "area", name=op.f("pk_voter_lists")),
    )

"""Signs of shared accounts: sightings, machines, acts, networks, findings; reports of breaches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "sightings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("session", sa.Uuid(), nullable=False),
        sa.Column("machine", sa.String(length=400), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("device", sa.String(length=400), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
    )
    op.create_index("ix_sightings_last", "sightings", ["last_at"], unique=False)
    op.create_index("ix_sightings_person", "sightings", ["person", "last_at"], unique=False)
    op.create_index("ix_sightings_session", "sightings", ["session", "last_at"], unique=False)
    op.create_table(
        "machines",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("machine", sa.String(length=400), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "machine", name=op.f("pk_machines")),
    )
    op.create_index("ix_machines_machine", "machines", ["machine", "last_at"], unique=False)
    op.create_table(
        "shared_machines",
        sa.Column("machine", sa.String(length=400), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("machine", name=op.f("pk_shared_machines")),
    )
    op.create_table(
        "announcements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("announced_by", sa.Uuid(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_announcements_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index(
        "ix_announcements_waiting",
        "announcements",
        ["person"],
        unique=False,
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "acts_done",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "cause", name=op.f("pk_acts_done")),
    )
    op.create_index("ix_acts_done_at", "acts_done", ["at"], unique=False)
    op.create_table(
        "networks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("network", postgresql.CIDR(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_networks")),
    )
    op.create_index(
        "ix_networks_standing",
        "networks",
        ["network"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={"network": "inet_ops"},
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_networks_unit", "networks", ["unit"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "sharing_findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("vi", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("election", sa.String(length=20), nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("machine", sa.String(length=400), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name=op.f("ck_sharing_findings_settled")),
        sa.CheckConstraint("state IN ('open', 'explained', 'confirmed')", name=op.f("ck_sharing_findings_state")),
        sa.CheckConstraint("settled_by IS DISTINCT FROM person", name=op.f("ck_sharing_findings_settled_by_another")),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_sharing_findings_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_findings")),
    )
    op.create_index("ix_sharing_findings_day", "sharing_findings", ["day"], unique=False)
    op.create_index("ix_sharing_findings_unit", "sharing_findings", ["unit", "found_at"], unique=False)
    op.create_index(
        "uq_sharing_findings_open",
        "sharing_findings",
        ["person", "kind", "day"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "breaches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("election", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("handler", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accounts", sa.String(length=400), nullable=False),
        sa.Column("machines", sa.String(length=400), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=400), nullable=False),
        sa.Column("personal_data", sa.Boolean(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reporter", sa.String(length=200), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("taken_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('reported', 'taken_up', 'settled')", name=op.f("ck_breaches_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaches")),
        sa.UniqueConstraint("number", name=op.f("uq_breaches_number")),
    )
    op.create_index("ix_breaches_unit", "breaches", ["election", "unit"], unique=False)
    op.create_index(
        "ix_breaches_waiting", "breaches", ["due_at"], unique=False, postgresql_where=sa.text("state = 'reported'")
    )

"""The rota: rotations, exceptions, changes that can be undone, limits, offers, feeds, reminders"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


TABLES = (
    "rotation",
    "rota_state",
    "rota_limits",
    "rota_change",
    "rota_draft",
    "offer",
    "feed",
    "reminder",
)


def upgrade() -> None:
    no_dates = sa.text("'[]'")
    op.add_column(
        "shift", sa.Column("except_dates", sa.JSON(), nullable=False, server_default=no_dates)
    )
    op.add_column("shift", sa.Column("series", sa.Integer(), nullable=True))
    op.add_column("cover", sa.Column("layer", sa.String(length=20), nullable=True))
    op.add_column("cover", sa.Column("place", sa.String(length=24), nullable=True))
    op.add_column("cover", sa.Column("on_date", sa.Date(), nullable=True))
    op.add_column("cover", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    for choice in ("remind_day_before", "remind_hour_before"):
        op.add_column(
            "ambassador", sa.Column(choice, sa.Boolean(), nullable=False, server_default=sa.true())
        )
    op.create_table(
        "rotation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("layer", sa.String(length=20), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("period_days", sa.Integer(), nullable=False),
        sa.Column("handover", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=True),
        sa.Column("ends", sa.Integer(), nullable=True),
        sa.Column("except_dates", sa.JSON(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "rota_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "rota_limits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hours_a_day", sa.Float(), nullable=True),
        sa.Column("hours_a_week", sa.Float(), nullable=True),
        sa.Column("rest_hours", sa.Float(), nullable=True),
        sa.Column("nights_a_month", sa.Integer(), nullable=True),
        sa.Column("cases_at_once", sa.Integer(), nullable=True),
        sa.Column("cooldown_minutes", sa.Integer(), nullable=False),
        sa.Column("on_breach", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["ambassador.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "rota_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.String(length=1000), nullable=False),
        sa.Column("forward", sa.JSON(), nullable=False),
        sa.Column("backward", sa.JSON(), nullable=False),
        sa.Column("rota_version", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["ambassador.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "rota_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.String(length=1000), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("rota_version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["ambassador.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ambassador_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.String(length=20), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=24), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("counterpart_id", sa.Integer(), nullable=True),
        sa.Column("their_layer", sa.String(length=20), nullable=True),
        sa.Column("their_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("their_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("their_place", sa.String(length=24), nullable=True),
        sa.Column("their_on_date", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ambassador_id"], ["ambassador.id"]),
        sa.ForeignKeyConstraint(["counterpart_id"], ["ambassador.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_key", sa.String(length=64), nullable=False),
        sa.Column("ambassador_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ambassador_id"], ["ambassador.id"]),
        sa.UniqueConstraint("token_key"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("what"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("rota_change_at", "rota_change", ["at"], unique=False)
    op.create_index("offer_state", "offer", ["state", "ends_at"], unique=False)
    op.execute("INSERT INTO rota_state (id, version) VALUES (1, 0)")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for choice in ("remind_hour_before", "remind_day_before"):
        op.drop_column("ambassador", choice)
    for name in ("ended_at", "on_date", "place", "layer"):
        op.drop_column("cover", name)
    for name in ("series", "except_dates"):
        op.drop_column("shift", name)

"""Handing over, quiet persons, reopening, groups, languages, and a policy by command"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain additions: on SQLite a table that is made anew would be dropped under its references.
    op.add_column(
        "ambassador",
        sa.Column("languages", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
    )
    for column in (
        sa.Column("climbs", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("offered_to", sa.Integer(), nullable=True),
        sa.Column("offer_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_letter", sa.Integer(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("danger_asked_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("cases", column)
    op.create_index("case_person", "cases", ["person_id", "closed_at"], unique=False)
    op.create_table(
        "group_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("ambassador_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ambassador_id"], ["ambassador.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("group_member_once", "group_member", ["name", "ambassador_id"], unique=True)
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("change", sa.String(length=200), nullable=True),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("undo_to", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["ambassador.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("policy_version_serial", "policy_version", ["serial"], unique=True)

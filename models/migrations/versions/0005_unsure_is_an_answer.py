"""The review list, what the bot asked last, persons under age and who safeguards them"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("urgency", sa.String(length=20), nullable=False),
        sa.Column("theme", sa.String(length=20), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("says_safe", sa.Boolean(), nullable=False),
        sa.Column("shown_to", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["ambassador.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "review_one_waiting_per_person",
        "review",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('open', 'overdue')"),
        postgresql_where=sa.text("status IN ('open', 'overdue')"),
    )
    op.create_index(
        "review_due",
        "review",
        ["overdue_at"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.add_column("person", sa.Column("asked", sa.String(length=20), nullable=True))
    op.add_column("person", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "ambassador", sa.Column("safeguards_since", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "cases", sa.Column("minor", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    # In words of SQL: so both databases add the column in place, and no table is copied.
    op.execute("ALTER TABLE outbox ADD COLUMN review_id INTEGER REFERENCES review (id)")
    op.create_index("outbox_review", "outbox", ["review_id"], unique=False)

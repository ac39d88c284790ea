"""Shifts of every other week, hours in which somebody is needed, covers that need a yes, dark"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shift", sa.Column("every", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for table, choice in (("rota_limits", "approve"), ("ambassador", "dark_pictures")):
        op.add_column(
            table, sa.Column(choice, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.add_column("offer", sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "offer", sa.Column("shown", sa.JSON(), nullable=False, server_default=sa.text("'{}'"))
    )

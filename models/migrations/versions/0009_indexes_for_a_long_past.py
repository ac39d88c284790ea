"""Indexes for what each page asks of cases: claimed of late, closed of late"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, column in (("case_claimed", "claimed_at"), ("case_closed", "closed_at")):
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            name, "cases", [column], unique=False, sqlite_where=known, postgresql_where=known
        )

"""Indexes for what is asked at every step: pages by time, pages in flight, cases that go on"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("page_queued", "page", ["queued_at", "ambassador_id"], unique=False)
    awaited = sa.text("status IN ('queued', 'sent')")
    op.create_index(
        "page_awaited",
        "page",
        ["case_id"],
        unique=False,
        sqlite_where=awaited,
        postgresql_where=awaited,
    )
    going_on = sa.text("status <> 'closed'")
    op.create_index(
        "case_going_on",
        "cases",
        ["status"],
        unique=False,
        sqlite_where=going_on,
        postgresql_where=going_on,
    )

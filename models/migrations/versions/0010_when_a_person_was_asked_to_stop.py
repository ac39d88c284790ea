"""When a person was asked whether somebody shall still come, so that they can answer in words"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("stop_asked_at", sa.DateTime(timezone=True), nullable=True))

"""With which cycle a case was opened again: clocks may be set back, cycles only go on"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "cases", sa.Column("first_cycle", sa.Integer(), server_default="0", nullable=False)
    )

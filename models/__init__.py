"""What is remembered: tables, column types, the key, sessions and migrations."""

from models.audit import GENESIS, Audit
from models.cases import Case, Message, Page
from models.mail import Inbox, Outbox
from models.people import Ambassador, Invitation, Person
from models.review import Review
from models.rota import Away, Cover, Shift
from models.vocabulary import (
    CaseStatus,
    InboxStatus,
    Kind,
    Layer,
    OutboxStatus,
    Outcome,
    PageStatus,
    Question,
    ReviewStatus,
    Role,
    Speaker,
    Theme,
    Urgency,
)

__all__ = [
    "GENESIS",
    "Ambassador",
    "Audit",
    "Away",
    "Case",
    "CaseStatus",
    "Cover",
    "Inbox",
    "InboxStatus",
    "Invitation",
    "Kind",
    "Layer",
    "Message",
    "Outbox",
    "OutboxStatus",
    "Outcome",
    "Page",
    "PageStatus",
    "Person",
    "Question",
    "Review",
    "ReviewStatus",
    "Role",
    "Shift",
    "Speaker",
    "Theme",
    "Urgency",
]

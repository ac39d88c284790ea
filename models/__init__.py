"""What is remembered: tables, column types, the key, sessions and migrations."""

from models.audit import GENESIS, Audit
from models.cases import Case, Message, Page
from models.mail import Inbox, Outbox
from models.people import Ambassador, GroupMember, Invitation, Person
from models.policy import PolicyVersion
from models.rota import Away, Cover, Shift
from models.vocabulary import (
    CaseStatus,
    InboxStatus,
    Kind,
    Layer,
    OutboxStatus,
    Outcome,
    PageStatus,
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
    "GroupMember",
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
    "PolicyVersion",
    "Role",
    "Shift",
    "Speaker",
    "Theme",
    "Urgency",
]

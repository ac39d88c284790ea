"""What is remembered: tables, column types, the key, sessions and migrations."""

from models.audit import GENESIS, Audit
from models.cases import Case, Message, Page
from models.mail import Inbox, Outbox
from models.people import Ambassador, Invitation, Person
from models.processes import Alarm, Duty, Heartbeat, Shape
from models.rota import Away, Cover, Shift
from models.second import Call, Channel
from models.vocabulary import (
    CallReason,
    CallStatus,
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
    "Alarm",
    "Ambassador",
    "Audit",
    "Away",
    "Call",
    "CallReason",
    "CallStatus",
    "Case",
    "CaseStatus",
    "Channel",
    "Cover",
    "Duty",
    "Heartbeat",
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
    "Role",
    "Shape",
    "Shift",
    "Speaker",
    "Theme",
    "Urgency",
]

"""Counting what happens, for operators: numbers alone, no words and no ids of persons.

A `Meter` counts nothing; a `PrometheusMeter` has a registry of its own, one for each process.
What is counted within a transaction that then fails is counted again when it is tried again.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from models import CallStatus, PageStatus, Urgency

_CLAIM_S = (5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600)
_READ_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0)


class Meter:
    """Counts nothing."""

    def update_handled(self) -> None:
        """An update was handled."""

    def update_failed(self) -> None:
        """An update could not be handled, for good."""

    def read(self, seconds: float, *, without_model: bool) -> None:
        """A message was read, with the model or by the floor alone."""

    def claimed(self, urgency: Urgency, seconds: float) -> None:
        """A case got its holder, so long after it was opened."""

    def page(self, status: PageStatus) -> None:
        """A page came to this status."""

    def letter_sent(self, priority: int) -> None:
        """A letter arrived."""

    def letter_not_sent(self, kind: str) -> None:
        """Sending a letter failed with this kind of error."""

    def call(self, status: CallStatus) -> None:
        """A call by the second channel ended so."""


class PrometheusMeter(Meter):
    """Counts for Prometheus. ``registry`` is what ``/metrics`` shows of this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._updates = self._counter(
            "holdfast_updates", "Updates from Telegram, by what became of them.", "result"
        )
        self._reading = Histogram(
            "holdfast_reading_seconds",
            "How long the model and the floor took to read a message.",
            buckets=_READ_S,
            registry=self.registry,
        )
        self._misses = self._counter(
            "holdfast_readings_without_model", "Messages that the floor read alone."
        )
        self._claims = Histogram(
            "holdfast_time_to_claim_seconds",
            "From the opening of a case until somebody is there.",
            ["urgency"],
            buckets=_CLAIM_S,
            registry=self.registry,
        )
        self._pages = self._counter("holdfast_pages", "Pages, by where they came to.", "status")
        self._letters = self._counter("holdfast_letters_sent", "Letters sent.", "priority")
        self._errors = self._counter(
            "holdfast_courier_errors", "Letters that could not be sent, each time.", "kind"
        )
        self._calls = self._counter("holdfast_calls", "Calls by the second channel.", "status")
        self._inbox_age = self._gauge(
            "holdfast_inbox_age_seconds", "How long the oldest unhandled update has waited."
        )
        self._outbox_age = self._gauge(
            "holdfast_outbox_age_seconds", "How long the oldest unsent letter waits.", "priority"
        )
        self._open = self._gauge("holdfast_cases", "Cases that are not closed.", "status")
        self._broken = self._gauge(
            "holdfast_alarm", "1 while this alarm is raised: a broken promise, or Telegram.", "name"
        )
        self._checked = self._gauge(
            "holdfast_check_age_seconds", "How long ago the promises were last looked at."
        )
        self._beats = self._gauge(
            "holdfast_heartbeat_age_seconds", "How long ago each process said it lives.", "process"
        )
        for urgency in Urgency:
            self._claims.labels(urgency)
        for status in PageStatus:
            self._pages.labels(status)

    def update_handled(self) -> None:
        self._updates.labels("handled").inc()

    def update_failed(self) -> None:
        self._updates.labels("failed").inc()

    def read(self, seconds: float, *, without_model: bool) -> None:
        if without_model:
            self._misses.inc()
        else:
            self._reading.observe(seconds)

    def claimed(self, urgency: Urgency, seconds: float) -> None:
        self._claims.labels(urgency).observe(seconds)

    def page(self, status: PageStatus) -> None:
        self._pages.labels(status).inc()

    def letter_sent(self, priority: int) -> None:
        self._letters.labels(str(priority)).inc()

    def letter_not_sent(self, kind: str) -> None:
        self._errors.labels(kind).inc()

    def call(self, status: CallStatus) -> None:
        self._calls.labels(status).inc()

    def show(
        self,
        *,
        inbox_age_s: float,
        outbox_age_s: dict[int, float],
        cases: dict[str, int],
        alarms: dict[str, bool],
        check_age_s: float | None,
        beats: dict[str, float],
    ) -> None:
        """Set what the database and the other processes say, which all processes show alike."""
        self._inbox_age.set(inbox_age_s)
        for gauge, values in (
            (self._outbox_age, outbox_age_s),
            (self._open, cases),
            (self._broken, alarms),
            (self._beats, beats),
        ):
            gauge.clear()
            for label, value in values.items():
                gauge.labels(str(label)).set(value)
        if check_age_s is not None:
            self._checked.set(check_age_s)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

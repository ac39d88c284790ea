"""What the Bot API says when it refuses. The words are Telegram's; bots match on them."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal: the HTTP status, Telegram's description, and `retry_after` in seconds or None."""

    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after

    def envelope(self) -> dict[str, Any]:
        """The JSON body: `{"ok": false, "error_code": …, "description": …}`."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.status,
            "description": self.description,
        }
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


class ControlError(Exception):
    """A phone was asked for something it can't do. Carries the HTTP status to answer with."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def bad_request(what: str) -> ApiError:
    return ApiError(400, f"Bad Request: {what}")


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized")


def forbidden(what: str) -> ApiError:
    return ApiError(403, f"Forbidden: {what}")


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def conflict(what: str) -> ApiError:
    return ApiError(409, f"Conflict: {what}")


def too_many_requests(retry_after: int) -> ApiError:
    """`retry_after` is whole seconds, at least 1."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after)

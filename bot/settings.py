"""Every setting, read once from the environment or ``.env`` and then frozen."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.database import DatabaseURLError, parse_url
from models.keyring import Keyring, KeyringError

_WEB = re.compile(r"https?://[^\s/]+.*")
_MOST = {
    "workers": 64,
    "webhook_port": 65535,
    "http_port": 65535,
    "telegram_limit": 3600,
    "quiet_limit": 744,
    # A worker has a message for seven seconds, and may ask the model more than once in them.
    "nlu_patience": 3000,
}


class SettingsError(Exception):
    """Settings that cannot be used; each line of the message says what to do about one."""


class Settings(BaseSettings):
    """What an operator decides. `read_settings` makes one."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    bot_token: SecretStr | None = Field(None, alias="HOLDFAST_BOT_TOKEN")
    """The bot's token from @BotFather."""
    telegram_api_base: str = Field("https://api.telegram.org", alias="TELEGRAM_API_BASE")
    """The Bot API server: Telegram's, one of your own, or a sandbox."""
    data: Path = Field(Path("data"), alias="HOLDFAST_DATA")
    """The folder for the key and the embedded database."""
    key: SecretStr | None = Field(None, alias="HOLDFAST_KEY")
    """The data key, 32 bytes in URL-safe base64; made in the data folder where it is not set."""
    database_url: str | None = Field(None, alias="DATABASE_URL", repr=False)
    """``sqlite:///…`` or ``postgresql://…``; without it a SQLite file in the data folder."""
    database_schema: str | None = Field(None, alias="HOLDFAST_DATABASE_SCHEMA")
    """On PostgreSQL, the schema to live in."""
    redis_url: str | None = Field(None, alias="REDIS_URL", repr=False)
    """``redis://…``; without it one inside the process, which must then be the only one."""
    nlu_url: str | None = Field(None, alias="NLU_URL", repr=False)
    """A Rasa server; without it one is started as a child."""
    nlu_token: SecretStr | None = Field(None, alias="NLU_TOKEN")
    """The token of the Rasa server at ``NLU_URL``."""
    nlu_patience: int = Field(1500, alias="HOLDFAST_NLU_PATIENCE")
    """So many milliseconds a message waits for the model, before it is answered without."""
    webhook_url: str | None = Field(None, alias="HOLDFAST_WEBHOOK_URL")
    """The public address that Telegram pushes updates to; without it the bot asks for them."""
    webhook_secret: SecretStr | None = Field(None, alias="HOLDFAST_WEBHOOK_SECRET")
    """The secret that Telegram repeats with every push."""
    webhook_host: str = Field("127.0.0.1", alias="HOLDFAST_WEBHOOK_HOST")
    webhook_port: int = Field(8443, alias="HOLDFAST_WEBHOOK_PORT")
    """Where the bot listens for the pushes."""
    http_host: str = Field("127.0.0.1", alias="HOLDFAST_HTTP_HOST")
    http_port: int | None = Field(None, alias="HOLDFAST_HTTP_PORT")
    """Where ``/healthz``, ``/readyz`` and ``/metrics`` answer; without a port nowhere."""
    public_url: str | None = Field(None, alias="HOLDFAST_PUBLIC_URL")
    """The public address of what is served there, for links that volunteers open."""
    channels: str = Field(
        "mailto,mailtos,ntfy,ntfys,gotifys,pover,signals,matrixs,twilio,vonage,sinch,clicksend",
        alias="HOLDFAST_CHANNELS",
    )
    """The kinds of second channel that volunteers may set, as Apprise calls them."""
    heartbeat_url: SecretStr | None = Field(None, alias="HOLDFAST_HEARTBEAT_URL")
    """Asked for every minute while all is well: a dead man's switch of somebody else's."""
    telegram_limit: int = Field(120, alias="HOLDFAST_TELEGRAM_LIMIT")
    """So many seconds Telegram may be out of reach before coordinators are called."""
    quiet_limit: int = Field(24, alias="HOLDFAST_QUIET_LIMIT")
    """So many hours may pass without any update before coordinators are told."""
    community: str = Field("this community", alias="HOLDFAST_COMMUNITY")
    """The community's name, as persons read it."""
    zone: str = Field("UTC", alias="HOLDFAST_ZONE")
    """The IANA time zone that the rota is planned in."""
    countries: str = Field("", alias="HOLDFAST_COUNTRIES")
    """ISO codes of the countries offered first, such as ``GB,IE``."""
    team_chat: str | None = Field(None, alias="HOLDFAST_TEAM_CHAT")
    """The id of a group that reads every morning who is on call."""
    morning: str = Field("08:00", alias="HOLDFAST_MORNING")
    """When the day's posts go out, in the rota's zone; ``off`` for none."""
    policy: Path | None = Field(None, alias="HOLDFAST_POLICY")
    """A policy file; without it the one that comes with Holdfast."""
    workers: int = Field(4, alias="HOLDFAST_WORKERS")
    """How many updates are handled side by side in one process."""
    log_level: str = Field("INFO", alias="HOLDFAST_LOG_LEVEL")

    @field_validator("telegram_api_base", "nlu_url", "webhook_url", "public_url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is not None and not _WEB.fullmatch(value):
            raise ValueError("write a web address such as https://example.org")
        return value.rstrip("/") if value else value

    @field_validator("bot_token")
    @classmethod
    def _is_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"\d{3,}:[\w-]{3,}", value.get_secret_value()):
            raise ValueError("a token from @BotFather looks like 123456:ABC-def…")
        return value

    @field_validator(*_MOST, mode="before")
    @classmethod
    def _is_number(cls, value: object, info: ValidationInfo) -> int | None:
        if value is None:
            return None
        most = _MOST[str(info.field_name)]
        text = str(value).strip()
        if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= most:
            raise ValueError(f"write a whole number from 1 to {most}")
        return int(text)

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("write 1 to 256 of A-Z, a-z, 0-9, _ and -: Telegram takes no others")
        return value

    @field_validator("database_schema")
    @classmethod
    def _is_schema(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", value):
            raise ValueError("write a plain name such as holdfast: a-z, 0-9 and _")
        return value or None

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str | None) -> str | None:
        if value:
            try:
                parse_url(value)
            except DatabaseURLError as error:
                raise ValueError(str(error)) from error
        return value or None

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str | None) -> str | None:
        if value and not re.match(r"(rediss?|unix)://", value):
            raise ValueError("write redis://host:6379/0, or leave it out for one process")
        return value or None

    @field_validator("key")
    @classmethod
    def _is_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value:
            try:
                Keyring.from_text(value.get_secret_value())
            except KeyringError as error:
                raise ValueError(
                    f"{error}; leave it out and one is made, or run `holdfast key`"
                ) from error
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("write an IANA time zone such as Europe/Berlin") from error
        return value

    @field_validator("team_chat")
    @classmethod
    def _is_chat(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"-?[0-9]{1,20}", value.strip()):
            raise ValueError("write the number of the group, such as -1001234567890")
        return value.strip() if value else None

    @field_validator("morning")
    @classmethod
    def _is_morning(cls, value: str) -> str:
        if value != "off" and not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value):
            raise ValueError("write a time such as 08:00, or off")
        return value

    @field_validator("countries")
    @classmethod
    def _are_countries(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z]{2}(\s*,\s*[A-Za-z]{2})*", value):
            raise ValueError("write ISO codes such as GB,IE")
        return value.upper().replace(" ", "")

    @field_validator("channels")
    @classmethod
    def _are_channels(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9]+(\s*,\s*[A-Za-z0-9]+)*", value):
            raise ValueError("write kinds that Apprise knows, such as ntfys,mailtos,twilio")
        return value.lower().replace(" ", "")

    @field_validator("heartbeat_url")
    @classmethod
    def _is_secret_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not _WEB.fullmatch(value.get_secret_value()):
            raise ValueError("write a web address such as https://example.org/ping/…")
        return value

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("write DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @model_validator(mode="after")
    def _webhook_has_secret(self) -> Settings:
        if self.webhook_url and not self.webhook_secret:
            raise ValueError(
                "HOLDFAST_WEBHOOK_URL needs HOLDFAST_WEBHOOK_SECRET: "
                "without a secret anybody could push updates"
            )
        return self

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.database_url is None or self.database_url.startswith("sqlite")

    @property
    def database(self) -> str:
        """The address of the database."""
        return self.database_url or f"sqlite:///{self.data / 'holdfast.db'}"

    @property
    def morning_minutes(self) -> int | None:
        """When the day's posts go out, in minutes after midnight; None for never."""
        if self.morning == "off":
            return None
        hour, minute = self.morning.split(":")
        return int(hour) * 60 + int(minute)

    def keyring(self) -> Keyring:
        """The data key: from the environment, or from the data folder, made there on first use."""
        if self.key:
            return Keyring.from_text(self.key.get_secret_value())
        return Keyring.from_file(self.data / "key")


def read_settings(**changes: object) -> Settings:
    """The settings of this process; `SettingsError` with a sentence for each that is wrong."""
    try:
        return Settings(**changes)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = str(problem["loc"][0]) if problem["loc"] else ""
            text = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{name}: {text}" if name else text)
        raise SettingsError("\n".join(lines)) from None

"""Every setting is used as it was meant, or refused with a sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, SettingsError, read_settings
from models.keyring import new_secret

TOKEN = "123456:ABC-hunter2_token"


def test_without_any_setting_everything_runs_in_one_process_on_this_machine() -> None:
    settings = read_settings()
    assert settings.bot_token is None
    assert settings.redis_url is None
    assert settings.database == "sqlite:///data/holdfast.db"
    assert settings.is_embedded


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:pass@host/name")
    monkeypatch.setenv("HOLDFAST_ZONE", "Europe/Berlin")
    monkeypatch.setenv("HOLDFAST_WORKERS", "7")
    settings = read_settings()
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == TOKEN
    assert (settings.zone, settings.workers) == ("Europe/Berlin", 7)
    assert not settings.is_embedded


def test_settings_are_read_from_a_file_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("HOLDFAST_COMMUNITY=Harbour\nHOLDFAST_WORKERS=2\nOTHER=1\n")
    monkeypatch.setenv("HOLDFAST_WORKERS", "3")
    settings = read_settings()
    assert (settings.community, settings.workers) == ("Harbour", 3)


@pytest.mark.parametrize(
    "name",
    [
        "HOLDFAST_BOT_TOKEN",
        "HOLDFAST_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "NLU_URL",
        "HOLDFAST_WEBHOOK_URL",
        "HOLDFAST_WEBHOOK_SECRET",
        "HOLDFAST_ZONE",
        "HOLDFAST_TEAM_CHAT",
        "HOLDFAST_MORNING",
        "HOLDFAST_WORKERS",
        "HOLDFAST_COUNTRIES",
        "HOLDFAST_LOG_LEVEL",
        "HOLDFAST_DATABASE_SCHEMA",
        "HOLDFAST_POLICY",
        "HOLDFAST_HTTP_PORT",
        "HOLDFAST_PUBLIC_URL",
        "HOLDFAST_CHANNELS",
        "HOLDFAST_HEARTBEAT_URL",
        "HOLDFAST_QUIET_LIMIT",
    ],
)
def test_a_variable_that_is_left_empty_is_as_if_it_were_not_there(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "")
    assert read_settings() == read_settings(_env_file=None)
    Path(".env").write_text(f"{name}=\n")
    monkeypatch.delenv(name)
    assert read_settings() == read_settings(_env_file=None)


def test_settings_cannot_be_changed() -> None:
    settings = read_settings()
    with pytest.raises(ValidationError):
        settings.workers = 9  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value", "what_to_do"),
    [
        ("HOLDFAST_BOT_TOKEN", "hunter2", "looks like 123456:ABC-def"),
        ("HOLDFAST_BOT_TOKEN", "123456:hunter2 ", "looks like 123456:ABC-def"),
        ("TELEGRAM_API_BASE", "api.telegram.org", "write a web address such as https://"),
        ("TELEGRAM_API_BASE", "ftp://hunter2", "write a web address such as https://"),
        ("HOLDFAST_KEY", "hunter2", "leave it out and one is made, or run `holdfast key`"),
        ("HOLDFAST_KEY", "aGFsZi1vZi1hLWtleQ==", "leave it out and one is made"),
        ("DATABASE_URL", "hunter2", "write sqlite:///data/holdfast.db or postgresql://"),
        ("DATABASE_URL", "mysql://u:hunter2@h/n", "write sqlite:///data/holdfast.db or postgresql"),
        ("DATABASE_URL", "postgresql://u:hunter2@h:p/n", "write sqlite:///data/holdfast.db or"),
        ("DATABASE_URL", "sqlite://", "must be a file, such as sqlite:///data/holdfast.db"),
        ("DATABASE_URL", "sqlite:///:memory:", "must be a file, such as sqlite:///data"),
        ("HOLDFAST_DATABASE_SCHEMA", "my schema", "write a plain name such as holdfast"),
        ("HOLDFAST_DATABASE_SCHEMA", "x;drop", "write a plain name such as holdfast"),
        ("REDIS_URL", "localhost:6379", "write redis://host:6379/0, or leave it out"),
        ("REDIS_URL", "http://hunter2@localhost", "write redis://host:6379/0, or leave it out"),
        ("NLU_URL", "localhost:5005", "write a web address such as https://"),
        ("HOLDFAST_WEBHOOK_URL", "example.org", "write a web address such as https://"),
        ("HOLDFAST_WEBHOOK_SECRET", "hunter2 with spaces", "write 1 to 256 of A-Z"),
        ("HOLDFAST_WEBHOOK_SECRET", "x" * 257, "write 1 to 256 of A-Z"),
        ("HOLDFAST_WEBHOOK_PORT", "http", "write a whole number from 1 to 65535"),
        ("HOLDFAST_WEBHOOK_PORT", "0", "write a whole number from 1 to 65535"),
        ("HOLDFAST_WEBHOOK_PORT", "65536", "write a whole number from 1 to 65535"),
        ("HOLDFAST_HTTP_PORT", "70000", "write a whole number from 1 to 65535"),
        ("HOLDFAST_PUBLIC_URL", "example.org", "write a web address such as https://"),
        ("HOLDFAST_CHANNELS", "ntfys, sms!", "write kinds that Apprise knows, such as ntfys"),
        ("HOLDFAST_HEARTBEAT_URL", "hunter2", "write a web address such as https://"),
        ("HOLDFAST_TELEGRAM_LIMIT", "0", "write a whole number from 1 to 3600"),
        ("HOLDFAST_QUIET_LIMIT", "never", "write a whole number from 1 to 744"),
        ("HOLDFAST_NLU_PATIENCE", "0.5", "write a whole number from 1 to 3000"),
        ("HOLDFAST_ZONE", "Berlin", "write an IANA time zone such as Europe/Berlin"),
        ("HOLDFAST_ZONE", "../../etc/passwd", "write an IANA time zone such as Europe/Berlin"),
        ("HOLDFAST_COUNTRIES", "Britain", "write ISO codes such as GB,IE"),
        ("HOLDFAST_COUNTRIES", "GB;IE", "write ISO codes such as GB,IE"),
        ("HOLDFAST_WORKERS", "0", "write a whole number from 1 to 64"),
        ("HOLDFAST_WORKERS", "65", "write a whole number from 1 to 64"),
        ("HOLDFAST_WORKERS", "many", "write a whole number from 1 to 64"),
        ("HOLDFAST_WORKERS", "2.5", "write a whole number from 1 to 64"),
        ("HOLDFAST_LOG_LEVEL", "LOUD", "write DEBUG, INFO, WARNING or ERROR"),
    ],
)
def test_a_wrong_value_is_refused_with_the_variable_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, what_to_do: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{name}: ")
    assert what_to_do in line
    assert "hunter2" not in line


def test_everything_that_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_ZONE", "Berlin")
    monkeypatch.setenv("HOLDFAST_WORKERS", "many")
    monkeypatch.setenv("REDIS_URL", "localhost")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    named = {line.partition(":")[0] for line in str(refused.value).splitlines()}
    assert named == {"HOLDFAST_ZONE", "HOLDFAST_WORKERS", "REDIS_URL"}


def test_a_webhook_without_a_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="HOLDFAST_WEBHOOK_URL needs HOLDFAST_WEBHOOK_SECRET"):
        read_settings(HOLDFAST_WEBHOOK_URL="https://example.org/push")
    settings = read_settings(
        HOLDFAST_WEBHOOK_URL="https://example.org/push/", HOLDFAST_WEBHOOK_SECRET="abc_-9"
    )
    assert settings.webhook_url == "https://example.org/push"


@pytest.mark.parametrize(
    ("name", "field", "written", "meant"),
    [
        ("HOLDFAST_COUNTRIES", "countries", "gb, ie", "GB,IE"),
        ("HOLDFAST_LOG_LEVEL", "log_level", "debug", "DEBUG"),
        ("TELEGRAM_API_BASE", "telegram_api_base", "http://127.0.0.1:81/", "http://127.0.0.1:81"),
        ("HOLDFAST_WEBHOOK_PORT", "webhook_port", " 443 ", 443),
    ],
)
def test_what_is_meant_is_understood(name: str, field: str, written: str, meant: object) -> None:
    assert getattr(read_settings(**{name: written}), field) == meant


def test_secrets_are_in_no_description_of_the_settings() -> None:
    key = new_secret()
    settings = read_settings(
        HOLDFAST_BOT_TOKEN=TOKEN,
        HOLDFAST_KEY=key,
        DATABASE_URL="postgresql://user:hunter2@host/name",
        REDIS_URL="redis://:hunter2@host:6379/0",
        NLU_URL="http://user:hunter2@host:5005",
        NLU_TOKEN="hunter2",
        HOLDFAST_WEBHOOK_URL="https://example.org",
        HOLDFAST_WEBHOOK_SECRET="hunter2",
    )
    for text in (repr(settings), str(settings), f"{settings}", repr([settings])):
        assert "hunter2" not in text
        assert key not in text
        assert "ABC" not in text


def test_the_key_is_made_in_the_data_folder_unless_one_is_given(tmp_path: Path) -> None:
    settings = read_settings(HOLDFAST_DATA=tmp_path / "data")
    made = settings.keyring()
    assert (tmp_path / "data" / "key").exists()
    assert settings.keyring().lookup("chat", 1) == made.lookup("chat", 1)
    given = Settings(key=new_secret(), data=tmp_path / "none").keyring()
    assert given.lookup("chat", 1) != made.lookup("chat", 1)
    assert not (tmp_path / "none").exists()


def test_the_morning_is_a_time_or_off_and_the_team_chat_a_number() -> None:
    assert read_settings().morning_minutes == 8 * 60
    assert read_settings(HOLDFAST_MORNING="7:30").morning_minutes == 7 * 60 + 30
    assert read_settings(HOLDFAST_MORNING="off").morning_minutes is None
    assert read_settings(HOLDFAST_TEAM_CHAT="-1001").team_chat == "-1001"
    for name, value in (("HOLDFAST_MORNING", "24:00"), ("HOLDFAST_TEAM_CHAT", "@harbour")):
        with pytest.raises(SettingsError, match=f"{name}: write"):
            read_settings(**{name: value})

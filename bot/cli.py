"""The command line: ``holdfast run``, ``demo``, ``doctor`` and the rest."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from bot import logs
from bot.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    # At run time each command imports what it needs: `holdfast --help` is quick.
    from bot.triage.evaluate import Outcome, Report, Row
    from bot.triage.reader import Triage

app = typer.Typer(
    help="A Telegram bot for volunteer crisis-support communities.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
nlu = typer.Typer(help="The language model: train it, serve it, try it.", no_args_is_help=True)
app.add_typer(nlu, name="nlu")

_out = Console()
_err = Console(stderr=True)
_Result = TypeVar("_Result")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@app.callback()
def main() -> None:
    """A Telegram bot for volunteer crisis-support communities."""
    # Whatever is written to disk is for the operator alone.
    os.umask(0o077)


@app.command()
def run() -> None:
    """Run the bot until it is told to stop."""
    _do(_run(_settings()))


async def _run(settings: Settings) -> None:
    from bot.wiring import running

    async with running(settings):
        _err.print("Holdfast is running. Stop it with Ctrl+C.")
        await _until_told()


@app.command()
def worker(
    poll: Annotated[
        bool, typer.Option("--poll", help="Also ask Telegram for updates if nobody else does.")
    ] = False,
) -> None:
    """Run one more process beside `holdfast run`: it handles, times and sends like the others."""
    _do(_worker(_settings(), poll))


async def _worker(settings: Settings, poll: bool) -> None:
    from bot.wiring import running

    if settings.is_embedded or settings.redis_url is None:
        raise SettingsError(
            "a worker shares its work with others: it needs PostgreSQL, by DATABASE_URL, and "
            "REDIS_URL; on one machine with SQLite `holdfast run` does everything"
        )
    async with running(settings, polls=poll):
        _err.print("This worker is running. Stop it with Ctrl+C.")
        await _until_told()


@app.command()
def demo(
    journey: Annotated[
        bool, typer.Option("--journey", help="Play one whole case without a browser, and end.")
    ] = False,
    as_json: AsJson = False,
    port: Annotated[int, typer.Option(help="Where the page is served; 0 for any.")] = 8081,
) -> None:
    """Try Holdfast without a token: the bot, a local Telegram and a small community."""
    logs.configure("WARNING")
    if journey:
        raise typer.Exit(0 if _do(_journey(as_json)) else 1)
    _do(_demo(port))


async def _demo(port: int) -> None:
    from bot.demo.community import demo as run_demo

    async with run_demo(_progress, port=_free(port)) as here:
        _out.print(f"\n[bold]Open {here.address}[/bold] in a browser.", highlight=False)
        _out.print("Write something as Sam, and tap as Ana or Ben. Stop with Ctrl+C.")
        _out.print("Nothing leaves this machine; everything is gone when you stop.")
        await _until_told()


async def _journey(as_json: bool) -> bool:
    from bot.demo.community import demo as run_demo
    from bot.demo.journey import Step, play

    def show(step: Step) -> None:
        if not as_json:
            _out.print(f"[dim]{step.at_ms:>7} ms[/dim]  [bold]{step.who}[/bold] {step.what}")

    async with run_demo(_progress, data=Path("data/journey")) as here:
        played = await play(here, show)
    if as_json:
        sys.stdout.write(json.dumps(played.as_json(), ensure_ascii=False) + "\n")
    else:
        _out.print(
            "[green]The whole case went well.[/green]" if played.ok else "[red]Failed.[/red]"
        )
    return played.ok


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at everything Holdfast needs; exit code 0 when all is well, 1 when something is bad."""
    logs.configure("ERROR")
    raise typer.Exit(_do(_doctor(_settings(), as_json)))


async def _doctor(settings: Settings, as_json: bool) -> int:
    from bot.doctor import Health, examine

    findings = [finding async for finding in examine(settings)]
    if as_json:
        rows = [{"part": f.part, "health": f.health, "text": f.text} for f in findings]
        sys.stdout.write(json.dumps({"findings": rows}) + "\n")
    else:
        marks = {Health.GOOD: "[green]✓", Health.POOR: "[yellow]●", Health.BAD: "[red]✗"}
        table = Table(show_header=False, box=None)
        for one in findings:
            table.add_row(marks[one.health], f"[bold]{one.part}", one.text)
        _out.print(table)
    return int(any(one.health is Health.BAD for one in findings))


@app.command()
def invite(
    role: Annotated[str, typer.Argument(help="coordinator or ambassador")] = "coordinator",
) -> None:
    """Make a single-use link by which somebody joins: the first coordinator begins here."""
    _do(_invite(_settings(), role))


async def _invite(settings: Settings, role: str) -> None:
    from bot.engine.clock import SystemClock
    from bot.engine.work import UnitOfWork
    from bot.wiring import open_bot, open_community, open_database, prepare
    from models import Role

    if role not in set(Role):
        raise SettingsError("invite whom? `holdfast invite coordinator` or `… ambassador`")
    database, community = open_database(settings), open_community(settings)
    bot = open_bot(settings)
    try:
        async with bot:
            await prepare(database, settings)
            async with database.transaction() as session:
                work = UnitOfWork(session, database.keyring, community, SystemClock().now())
                token = await work.people.invite(Role(role), None)
                await work.audit.record("invited", by="cli", role=role)
            _out.print(
                f"https://t.me/{bot.username}?start={token}", highlight=False, soft_wrap=True
            )
            _err.print("Good for seven days, for one person.")
    finally:
        await database.close()


@app.command()
def migrate() -> None:
    """Bring the database's tables to this version."""
    _do(_migrate(_settings()))


async def _migrate(settings: Settings) -> None:
    from bot.wiring import open_database

    database = open_database(settings)
    try:
        await database.migrate()
    finally:
        await database.close()
    _err.print("The tables are up to date.")


@app.command()
def key() -> None:
    """Print a fresh data key for HOLDFAST_KEY."""
    from models.keyring import new_secret

    sys.stdout.write(new_secret() + "\n")


@app.command()
def sandbox(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Where to listen.")] = 8081,
    token: Annotated[str | None, typer.Option(help="The only bot token that is let in.")] = None,
    open_to_network: Annotated[
        bool, typer.Option("--i-know-it-is-open", help="Allow other machines in: no password!")
    ] = False,
) -> None:
    """Run the local Telegram alone, for any bot. See sandbox/README.md."""
    from sandbox import DEFAULT_TOKEN, NewPhone, OpenToNetworkError, serve_forever

    phones = [NewPhone("Sam", "a person"), NewPhone("Ana"), NewPhone("Ben"), NewPhone("Cleo")]
    try:
        asyncio.run(
            serve_forever(
                host, port, token or DEFAULT_TOKEN, phones, i_know_it_is_open=open_to_network
            )
        )
    except OpenToNetworkError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{host}:{port} cannot be listened on ({error.strerror}); try --port 0")


@nlu.command()
def train() -> None:
    """Train the model, where the data or the pipeline changed since the last time."""
    raise typer.Exit(_nlu("understanding.train"))


@nlu.command()
def serve(port: Annotated[int, typer.Option(help="Where to listen, on loopback.")] = 5005) -> None:
    """Serve the model over HTTP; HOLDFAST_NLU_TOKEN is the token that is asked for."""
    if not os.environ.get("HOLDFAST_NLU_TOKEN"):
        _fail("HOLDFAST_NLU_TOKEN: set a token; whoever asks must give it as ?token=…")
    raise typer.Exit(_nlu("understanding.serve", "--port", str(port)))


@nlu.command()
def parse(
    text: Annotated[str, typer.Argument(help="A message, in quotes.")], as_json: AsJson = False
) -> None:
    """Read a message as the bot does: the model and the floor, and the higher of the two."""
    logs.configure("ERROR")
    _do(_parse(_settings(), text, as_json))


async def _parse(settings: Settings, text: str, as_json: bool) -> None:
    from dataclasses import asdict

    async with _triage(settings) as triage:
        reading = await triage.read(text)
    if as_json:
        sys.stdout.write(json.dumps(asdict(reading)) + "\n")
    else:
        _out.print(f"[bold]{reading.urgency}[/bold] · {reading.theme} · asks: {reading.asks}")
        _out.print(f"unsure: {reading.unsure} · reasons: {', '.join(reading.reasons)}")


@nlu.command()
def evaluate(
    data: Annotated[
        Path | None, typer.Option(help="CSV with text, label; capability or source_label.")
    ] = None,
    conversations: Annotated[
        Path | None, typer.Option(help='One {"turns": ["…"], "label": "…"} a line.')
    ] = None,
    as_json: AsJson = False,
    show_misses: Annotated[
        bool, typer.Option("--misses", help="Print what came out otherwise than labelled.")
    ] = False,
    baselines: Annotated[
        bool, typer.Option(help="Beside keywords and what `rasa init` makes (trained once: a day).")
    ] = False,
    baseline_epochs: Annotated[
        int | None, typer.Option(help="Train `rasa init`'s pipeline for so many epochs only.")
    ] = None,
) -> None:
    """Measure triage on labelled text: crisis, distress or none; other labels are counted apart."""
    from bot.triage import evaluate as measure

    settings = _settings()
    # A model that has no time is counted in the report; a line for each time would drown it.
    logs.configure("CRITICAL")
    if data is None and conversations is None:
        _fail("evaluate on what? `--data FILE.csv` or `--conversations FILE.jsonl`")
    try:
        rows = measure.read_csv(data) if data else []
        rows += measure.read_conversations(conversations) if conversations else []
    except measure.DataError as error:
        _fail(str(error))
    outcomes = _do(_judge(settings, rows))
    report = measure.summarise(outcomes)
    beside = _do(_judge_baselines(settings, rows, baseline_epochs)) if baselines else {}
    missed = measure.misses(outcomes)
    if as_json:
        told = report.as_json()
        if beside:
            told["baselines"] = {name: other.as_json() for name, other in beside.items()}
        if show_misses:
            told["misses"] = [
                {
                    "turns": o.row.turns,
                    "label": o.row.label,
                    "group": o.row.group,
                    "as": o.reading.urgency,
                }
                for o in missed
            ]
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    _print_report(report)
    if beside:
        _print_side_by_side({"Holdfast": report, **beside})
    for one in missed if show_misses else ():
        _out.print(
            f"{one.row.label} as {one.reading.urgency}: {' / '.join(one.row.turns)}",
            markup=False,
            highlight=False,
        )


async def _judge(settings: Settings, rows: Sequence[Row]) -> list[Outcome]:
    from bot.triage.evaluate import judge

    def tell(done: int) -> None:
        if done % 1000 == 0:
            _progress(f"{done} of {len(rows)} read")

    async with _triage(settings) as triage:
        return await judge(triage, rows, tell)


async def _judge_baselines(
    settings: Settings, rows: Sequence[Row], epochs: int | None
) -> dict[str, Report]:
    from bot.triage.baselines import BaselineMissing, Keywords, stock
    from bot.triage.evaluate import judge, summarise
    from bot.triage.process import NotInstalled

    found = {"keywords": summarise(await judge(Keywords(), rows))}
    name = "rasa init" if epochs is None else f"rasa init, {epochs} epochs"
    _progress(f"{name}: trained first, if it never was")
    try:
        async with stock(settings.data / "stock.log", epochs) as reader:
            found[name] = summarise(await judge(reader, rows))
    except (NotInstalled, BaselineMissing) as error:
        raise SettingsError(str(error)) from error
    return found


def _print_side_by_side(reports: dict[str, Report]) -> None:
    table = Table(box=None)
    for heading in ("", "crisis paged", "none paged", "distress paged", "distress met"):
        table.add_column(heading)
    for name, report in reports.items():
        shares = (report.crisis_paged, report.none_paged, report.distress_paged)
        table.add_row(name, *map(str, shares), str(report.distress_met))
    _out.print(table)


def _print_report(report: Report) -> None:
    for name, share in (
        ("crisis paged", report.crisis_paged),
        ("none paged", report.none_paged),
        ("distress paged", report.distress_paged),
        ("distress met with support", report.distress_met),
        ("all as labelled", report.passed),
    ):
        _out.print(f"[bold]{name:<26}[/bold]{share}", highlight=False)
    for label, count in sorted(report.other.items()):
        _out.print(f"label {label!r} is not judged: {count}", markup=False, highlight=False)
    if report.without_model:
        _err.print(f"[red]{report.without_model} were read without the model[/red]")
    if report.by:
        table = Table(box=None)
        for heading in ("group", "as labelled", "crisis paged", "none paged"):
            table.add_column(heading)
        for name, part in report.by.items():
            table.add_row(name, str(part.passed), str(part.crisis_paged), str(part.none_paged))
        _out.print(table)


@asynccontextmanager
async def _triage(settings: Settings) -> AsyncIterator[Triage]:
    """Triage as the bot has it, on the server of NLU_URL or on one of its own for as long."""
    from bot.triage.floor import Floor
    from bot.triage.process import NotInstalled, RasaProcess
    from bot.triage.reader import Triage
    from bot.wiring.parts import open_rasa

    loop = process = None
    if not settings.nlu_url:
        try:
            process = RasaProcess(settings.data / "nlu.log")
        except NotInstalled as error:
            raise SettingsError(str(error)) from error
        _progress("loading the language model (10 to 30 s)")
        loop = asyncio.create_task(process.keep_running())
        await process.ready.wait()
    rasa = open_rasa(settings, process)
    try:
        yield Triage(rasa, Floor.load())
    finally:
        await rasa.close()
        if loop is not None:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)


def _nlu(module: str, *arguments: str) -> int:
    from bot.triage.process import HOME, PYTHON

    if not PYTHON.exists():
        _fail("the NLU is not installed: run `make train` once")
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    return subprocess.run(  # noqa: S603  our own interpreter and module
        [str(PYTHON), "-m", module, *arguments], cwd=HOME, env=environment, check=False
    ).returncode


def _settings() -> Settings:
    try:
        settings = read_settings()
    except SettingsError as error:
        _fail(str(error))
    logs.configure(settings.log_level)
    return settings


def _do(work: Coroutine[Any, Any, _Result]) -> _Result:
    try:
        return asyncio.run(work)
    except SettingsError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _fail(sentence: str) -> NoReturn:
    _err.print(f"[red]{sentence}[/red]", highlight=False, soft_wrap=True)
    raise typer.Exit(2)


def _progress(text: str) -> None:
    _err.print(f"[dim]… {text}[/dim]")


def _free(port: int) -> int:
    """``port``, or any that is free where it is taken: a second demo must not fail for it."""
    import socket

    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


async def _until_told() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told.set)
    await told.wait()

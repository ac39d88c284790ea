"""Whatever is typed after a command: a clear answer, nothing lost, nothing loud in the log."""

from __future__ import annotations

from sandbox.client import Phone
from tests.telegram.conftest import Watched

ANYTHING = {
    "nothing": "",
    "as long as it gets": "x" * 4060,
    "emoji": "🌊 🌊",
    "nothing visible": "\u200b\u2060 \u202e",
    "right to left": "مرحبا بكم",
    "markup": "<b>@ana</b> *x* _y_ `z` [a](b) &amp;",
    "a number": "999999999999999999999",
    "minus": "-1",
    "lines": "a\nb\n\nc",
    "odd spaces": "\u00a0\u2003 @",
    "at alone": "@",
    "quotes": "\"a\" ‘b’ 'c'; --",
    "someone unknown": "@nobody for @noone tomorrow 18:00-22:00",
}
WORDLESS = ("/cases", "/ambassadors", "/start", "/privacy", "/help")
"""Commands that look at no words: a few samples will do."""

ALIKE = "I don't know that command"

LOOK = "The bot is unsure about this"
"""What a person writes may be shown to those who look at it: no answer to what they write."""

COORDINATORS: dict[str, str | tuple[str, ...]] = {
    "/invite": "/invite ambassador",
    "/shift": "/shift add @ana Mon-Fri 18:00-22:00 primary",
    "/shift add": ("/shift add @ana Mon-Fri", "Known are: @ana"),
    "/shift end": "/shift end 3",
    "/cover": ("/cover @ben for @ana", "Known are: @ana"),
    "/close": ("hold no case", "There is no case C"),
    "/away": ("/away until tomorrow 9:00", "You are away from now on", "I know nobody called"),
    "/rotate": ("/rotate @ana @ben @cleo", "I know nobody called", "needs two or more"),
    "/gaps": ("Nobody is primary", "/gaps 2 weeks"),
    "/limits": ("What one volunteer may carry", "a limit “"),
    "/undo": ("nothing of the last day", "Take this back?", "so it stays"),
    "/rota": ("The rota", "/rota next week"),
    "/fair": ("Who carried what", "/fair last month"),
    "/coverme": ("no shift ahead", "/coverme tomorrow evening"),
    "/swap": ("/swap @ben", "Known are: @ana"),
    "/calendar": ("not switched on", "/calendar team"),
    "/next": "no shift ahead",
    "/myshifts": "no shift in the next",
    "/cases": "No case is open",
    "/ambassadors": "In the community",
    "/oncall": ("On call now", "/oncall Friday evening"),
    "/channel": ("I could not read that as a channel", "You have no second channel"),
    "/test": "You have no second channel",
    "/back": ("You were not away", "Write /back alone", "I know nobody called"),
    "/start": "",
    "/nonsense": ALIKE,
}
PERSONS: dict[str, str | tuple[str, ...]] = {
    "/resources": ("Which", "/resources Germany", "112"),
    "/privacy": "made-up name",
    "/help": "Write to me in your own words",
    "/start": "I'm a bot",
    "/stop": ("I won't write to you any more", "112"),
    "/invite": ALIKE,
    "": "",
}


async def answers(bot: Watched, texts: dict[Phone, list[str]]) -> dict[Phone, list[str]]:
    """What every phone reads after writing its texts: one answer to each, in their order."""
    markers = {phone: await phone.marker() for phone in texts}
    for phone, lines in texts.items():
        for line in lines:
            await phone.says(line)
    await bot.settles()
    read = {
        phone: [
            m.text
            for m in await phone.messages()
            if m.from_bot and m.message_id > marker and LOOK not in m.text
        ]
        for phone, marker in markers.items()
    }
    uneven = {texts[p][0]: lines for p, lines in read.items() if len(lines) != len(texts[p])}
    assert uneven == {}
    return read


def with_anything(command: str) -> list[str]:
    few = list(ANYTHING.values())[:: 4 if command in WORDLESS else 1]
    lines = (f"{command} {words}".strip()[:4096] for words in few)
    return [line for line in lines if line]


async def check(bot: Watched, commands: dict[Phone, tuple[str, str | tuple[str, ...]]]) -> None:
    """Each phone writes its command with anything behind it, and reads what is expected."""
    texts = {phone: with_anything(command) for phone, (command, _) in commands.items()}
    for phone, read in (await answers(bot, texts)).items():
        expected = commands[phone][1]
        wanted = (expected,) if isinstance(expected, str) else expected
        for text, answer in zip(texts[phone], read, strict=True):
            assert any(part in answer for part in wanted), f"{text[:80]}: {answer}"
            assert len(answer) < 1500, f"{text[:80]} is answered at length"


async def test_a_coordinator_is_told_what_to_write_instead(bot: Watched) -> None:
    await bot.ambassador("Ana")
    rows = {await bot.coordinator(f"Cleo{n}"): row for n, row in enumerate(COORDINATORS.items())}
    await check(bot, rows)


async def test_an_ambassador_and_a_person_are_answered_whatever_they_write(bot: Watched) -> None:
    rows: dict[Phone, tuple[str, str | tuple[str, ...]]] = {}
    rows[await bot.ambassador("Ana")] = ("/shift add", ALIKE)
    for command, expected in PERSONS.items():
        rows[await bot.person()] = (command, expected)
    await check(bot, rows)


async def test_times_and_names_are_understood_or_explained(bot: Watched) -> None:
    await bot.ambassador("Ana")
    await bot.ambassador("Ben")
    rows: list[tuple[str, str]] = []
    for words, heard in (
        ("@ana Mon-Fri 18:00-22:00 primary", "@ana is primary, Mon-Fri 18:00-22:00 (UTC)"),
        ("ana daily 22-6 backup", "@ana is backup, Mon-Sun 22:00-06:00"),
        ("@ANA sat,sun 6pm–10pm", "@ana is primary, Sat-Sun 18:00-22:00"),
        ("@ana Mon - Fri  6 pm - 10 pm primary Europe/Berlin", "18:00-22:00 (Europe/Berlin)"),
        ("@ana\nMon to Wed\n9:00 to 17:30", "Mon-Wed 09:00-17:30"),
        ("@ana fridays 0:00-24:00 BACKUP", "@ana is backup, Fri 00:00-00:00"),
        ("\u200e@ana\u2060 weekdays 18：00-22：00", "Mon-Fri 18:00-22:00"),
        ("@ana Mon, Wed 08-09", "Mon,Wed 08:00-09:00"),
        ("@ana Mon, Wed 8-9", "“Mon, Wed 8-9” can mean several things"),
        ("@carl Mon 18:00-22:00", "I know nobody called @carl. Known are: @ana, @ben"),
        ("@ana 18:00-22:00 Mon", "@ana is primary, Mon 18:00-22:00"),
        ("@ana Mon-Fri evening primary", "@ana is primary, Mon-Fri 18:00-22:00"),
        ("@ana Mon-Fri late primary", "could not read “late” as hours"),
        ("@ana Mon-Fri 25:00-26:00", "could not read “25:00-26:00” as hours"),
        ("@ana Mon-Fri 18:00-22:00 first", "could not read “first”: a shift is primary or backup"),
        ("@ana Mon 18:00-22:00 primary Mars/Crater", "don't know the time zone “Mars/Crater”"),
        ("@ana Mon 18:00-22:00 primary ../../etc", "don't know the time zone “../../etc”"),
        ("@ana Mon 18:00-22:00 primary UTC please", "could not read “please”"),
        ("@ana Mon", "/shift add @ana Mon-Fri"),
    ):
        rows.append((f"/shift add {words}", heard))
    for words, heard in (
        ("@ben for @ana tomorrow 18:00-22:00", "@ben covers for @ana"),
        ("@ben FOR @ana 24 Dec 6 pm to 10 pm", "24 Dec 18:00-22:00"),
        ("ben for ana in 3 days 22:00-6:00", "@ben covers for @ana"),
        ("@ben for @ana 2020-01-01 18:00-22:00", "is over already. A cover is written"),
        ("@ben for @ana yesterday 18:00-22:00", "is over already"),
        ("@ben for @ana tomorrow", "@ana has no shift"),
        ("@ben for @ana tomorrow evening", "@ana has no shift"),
        ("@ben for @ana tomorrow soonish", "could not read “soonish” as hours"),
        ("@ben for @ana 9999-12-31 22:00-06:00", "as a day"),
        ("@ben for @ana 0001-01-01 22:00-06:00", "as a day"),
        ("@ben for @ana 31 Feb 22:00-06:00", "as a day"),
        ("@ben instead of @ana tomorrow 18:00-22:00", "A cover is written like this"),
        ("@ben for @ben tomorrow 18:00-22:00", "can't cover for themselves"),
        ("@carl for @ana tomorrow 18:00-22:00", "I know nobody called @carl"),
        ("@ben for <b>ana</b> tomorrow 18:00-22:00", "I know nobody called <b>ana</b>"),
    ):
        rows.append((f"/cover {words}", heard))
    for words, heard in (
        ("invite ambassador please", "/invite ambassador"),
        ("INVITE AMBASSADOR", "A link for one new ambassador"),
        ("shift end", "Which shift?"),
        ("shift end #999", "There is no shift 999"),
        ("shift end 1", "There is no shift 1"),
        ("shift", "A shift is written like this"),
        ("shift remove 3", "A shift is written like this"),
    ):
        rows.append((f"/{words}", heard))
    away = "You are away until"
    for words in (
        *(
            "3h",
            "45m",
            "30 min",
            "2 days",
            "1 week",
            "until tomorrow 9:00",
            "until tomorrow at 9am",
        ),
        *("18:00", "until 6 pm", "until 24 Dec", "2d", "until  24 Dec\n9:00", "\u200b3h"),
    ):
        rows.append((f"/away {words}", away))
    for words in (
        *("soon", "0h", "-3h", "9999h", "until", "until 25:00", "yesterday", "2020-01-01"),
        *("31 Feb", "9999-12-31", "0001-01-01", "3h 4h", "½h"),
    ):
        rows.append((f"/away {words}", "/away until tomorrow 9:00"))

    read = await answers(bot, {bot.chief: [text for text, _ in rows]})
    for (text, heard), answer in zip(rows, read[bot.chief], strict=True):
        assert heard in answer, f"{text}: {answer}"

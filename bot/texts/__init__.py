"""What the bot says: reviewed texts in one file per language, none of them in code.

Texts are Telegram's HTML with ``{names}`` for values. Every value is escaped, unless it is `Html`
made from other texts. A text missing in a language is said in English.
"""

from __future__ import annotations

import html
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

import yaml

FALLBACK = "en"
_OTHER_CODES = {"fil": "tl", "iw": "he", "in": "id"}
"""Codes that apps give to a language whose file bears another."""


class Html(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


class Texts:
    """All texts of all languages; `say` finds one and fills it in."""

    def __init__(self, languages: dict[str, dict[str, str]]) -> None:
        self._languages = languages

    def say(self, key: str, language: str | None = None, **values: object) -> Html:
        """The text ``key``, such as ``person.start``, in ``language`` or else in English.

        `KeyError` for a key or a value that is missing: a defect that the tests find.
        """
        template = self.template(key, language)
        filled = {name: self.escape(value) for name, value in values.items()}
        return Html(template.format(**filled).strip())

    @staticmethod
    def escape(value: object) -> Html:
        """``value`` as it may stand in a text: escaped, unless it is `Html` already."""
        return value if isinstance(value, Html) else Html(html.escape(str(value), quote=False))

    def known(self, language: str | None) -> str | None:
        """The code under which there are texts in ``language``, such as an app's ``pt-BR``."""
        code = (language or "").split("-")[0].split("_")[0].lower()
        code = _OTHER_CODES.get(code, code)
        return code if code in self._languages else None

    def template(self, key: str, language: str | None = None) -> str:
        """The text ``key`` with its names unfilled."""
        own = self._languages.get(self.known(language) or FALLBACK, {})
        return own.get(key) or self._languages[FALLBACK][key]

    def keys(self, language: str = FALLBACK) -> dict[str, frozenset[str]]:
        """Every key of ``language`` with the names it needs."""
        return {
            key: frozenset(name for _, name, _, _ in Formatter().parse(template) if name)
            for key, template in self._languages[language].items()
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are texts in."""
        return tuple(sorted(self._languages))


@cache
def load_texts() -> Texts:
    """Read the texts that come with Holdfast."""
    return Texts(
        {
            path.name.removesuffix(".yml"): _flatten(yaml.safe_load(path.read_text("utf-8")))
            for path in files(__name__).iterdir()
            if path.name.endswith(".yml")
        }
    )


def _flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat

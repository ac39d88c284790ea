"""Which countries a short message names, when all of it says where somebody is. Pure.

"im in the uk" and "estoy en España" are whole answers to "Which country are you in?". A message
that says anything else besides is none: it is read for what it says, and never swallowed here.
"""

from __future__ import annotations

import re
import unicodedata

from resources import Country, Directory

_LONGEST = 80
_MOST_WORDS = 12
_MOST_NAMED = 4
"""Words in the name itself: more are a sentence."""

_SPEAKER = frozenset(
    "i im am ive we were are yo estoy estamos soy eu estou to tou sou je suis nous sommes moi ich "
    "bin wir sind io sono mi я мы ми ben biz انا نحن من ما main mai mein hum मैं हम saya aku gue "
    "gw kami".split()
)
"""Who speaks. With a name alone, they may tell their own: "im jordan"."""
_PLACED = frozenset(
    "in from live lives living stay staying based located reside currently en vivo vivimos desde "
    "resido em moro no na nos nas habite jhabite vis au aux dans wohne lebe komme aus abito sto "
    "trovo nel nella negli vengo в во из нахожусь живу у із з знаходжусь мешкаю في اعيش ساكن عايش "
    "اسكن در از توی di dari tinggal ada berada".split()
)
"""What comes right before a place."""
_SMALL = frozenset(
    "the a here now just at hi hello hey ok okay well um uh oh sorry hola de del la el los las "
    "ahora do da dos das oi ola agora l le les du bonjour salut maintenant hallo der den dem die "
    "gerade jetzt a ciao dal dalla da adesso привет сейчас привіт зараз سلام مرحبا الان halo "
    "hai sekarang lagi su anda şu".split()
)
_AFTER = frozenset(
    "pls please plz thanks thank you thx ty now rn atm currently right mate actually por favor "
    "gracias obrigado obrigada ahora agora svp merci bitte danke jetzt gerade grazie adesso "
    "пожалуйста спасибо сейчас будь ласка дякую зараз lutfen tesekkurler شكرا الان لطفا ممنون "
    "tolong makasih sekarang dhanyavad".split()
)
_PLACED_AFTER = frozenset(
    "mein me hoon hu hun se rehta rehti rahta rahti में हूं हूँ से रहता रहती yasiyorum oturuyorum "
    "هستم زندگی میکنم".split()
)
"""What comes after a place in the languages that have it there."""
_PHRASES = re.compile(
    r"^(?:my country is|the country is|mi pais es|meu pais e|mon pays est|mein land ist|"
    r"il mio paese e|country)\s+"
)
_TURKISH = re.compile(r"(?<=[a-z]{4})[dt][ea](?:y[iı]m|yiz|yız|n[iı]m)?$")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´"), None)
_ENDS = ' .,!?;:()"…'

_CODE_LETTERS = 2
_CLEAR_CODES = frozenset(("uk", "nz"))
"""Codes that are no word of any chat."""
_WORDS_FIRST = frozenset(
    "ai al am as at be bf by de dm do eh er es et ga gf gg gn hm hu id il im is it je ki la ma me "
    "mm mu my na ne no np pa sa se si sm so tc to tv vi ye".split()
)
"""Codes that stay the words they are, even right after the question."""
_SLIP_LETTERS = 6
_SLIP_LETTERS_ASKED = 5
_NO_PLACES = frozenset(
    "begin benim bukan chana child great green hella hindi hungry kadar pajama roman sedan sudah "
    "walks walls".split()
)
"""Words that are one slip from a country, or begin one."""


def countries_in(directory: Directory, text: str, *, asked: bool) -> list[Country]:
    """The countries that ``text`` as a whole may name; empty where it says anything else.

    ``asked``: it comes right after the question, so that two letters may be a country.
    """
    text = text.strip(_ENDS)
    if not 1 < len(text) <= _LONGEST or len(text.split()) > _MOST_WORDS:
        return []
    if len(text.split()) <= _MOST_NAMED and (named := directory.country_named(text)) is not None:
        return [named]
    words = _PHRASES.sub("in ", _plain(text)).split()
    spoken, placed = False, False
    while len(words) > 1 and (words[-1] in _AFTER or words[-1] in _PLACED_AFTER):
        word = words.pop()
        placed = placed or word in _PLACED_AFTER
    while len(words) > 1 and words[0] in (_SPEAKER | _PLACED | _SMALL):
        word = words.pop(0)
        spoken, placed = spoken or word in _SPEAKER, placed or word in _PLACED
    name = " ".join(words)
    if not placed and (ending := _TURKISH.search(name)) is not None:
        name, placed = name[: ending.start()], True
    if spoken and not placed:
        return []
    return _named(directory, name, led=placed, asked=asked)


def _named(directory: Directory, name: str, *, led: bool, asked: bool) -> list[Country]:
    """The countries that ``name`` may be."""
    if len(name.split()) > _MOST_NAMED or name in _NO_PLACES:
        return []
    if len(name) == _CODE_LETTERS:
        counts = led or name in _CLEAR_CODES or (asked and name not in _WORDS_FIRST)
        return directory.search_country(name, whole=True) if counts else []
    if (named := directory.country_named(name)) is not None:
        return [named]
    least = _SLIP_LETTERS_ASKED if led or asked else _SLIP_LETTERS
    return directory.search_country(name, whole=True) if len(name) >= least else []


def _plain(text: str) -> str:
    """``text`` in one case, without accents and apostrophes; letters of other scripts stay."""
    folded = unicodedata.normalize("NFD", text.casefold().translate(_APOSTROPHES))
    bare = "".join(one for one in folded if not "\u0300" <= one <= "\u036f")
    bare = unicodedata.normalize("NFC", bare).replace("ı", "i")
    return re.sub(r"[\s.,!?;:()\"…]+", " ", bare).strip()

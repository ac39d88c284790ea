"""The tables of ``normalise``: what stands for what. Pure data."""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


LOOKALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝвкмнтзгαβεικνορτυχωηɑɡıłøđ",
    "aeopcyxijshdqwbkmhtzraveiknoptuxwnagilod",
)
"""Letters of other scripts that look Latin."""

EMOJI: dict[str, str] = {
    "🔪": "knife",
    "🗡": "knife",
    "🪒": "razor",
    "🔫": "gun",
    "💣": "bomb",
    "💊": "pills",
    "💉": "needle",
    "🩸": "blood",
    "⚰": "coffin",
    "🪦": "grave",
    "🆘": "help emergency",
    "🚑": "ambulance",
    "💔": "heartbroken",
    "😢": "sad",
    "😞": "sad",
    "😔": "sad",
    "😥": "sad",
    "🥺": "sad",
    "☹": "sad",
    "🙁": "sad",
    "😰": "anxious",
    "😨": "scared",
    "😱": "scared",
    "😡": "angry",
    "🤬": "angry",
    "😂": "lol",
    "🤣": "lol",
    "💀": "skull",
    "☠": "skull",
    "😭": "crying",
    "😊": "happy",
    "😀": "happy",
    "😃": "happy",
    "😄": "happy",
    "🙂": "happy",
    "🥳": "celebrating",
    "🎉": "celebrating",
    "❤": "love",
    "💕": "love",
    "😍": "love",
    "👍": "yes ok",
    "👎": "no",
    "🙏": "please thank you",
    "👋": "hello",
    "🍺": "beer",
    "🍷": "wine",
}
"""Emoji with a meaning; the others are dropped."""

HIDDEN_WORDS: frozenset[str] = _set(
    """
    abuse abused abusive alone anxiety assault assaulted attack beat beating blade bleed
    bleeding blood bridge burn cocaine cry crying cut cuts cutting dead death depressed
    depression die died drugs drunk dying end ending goodbye gun hang hanging harm harmed
    harming hate help heroin herself himself hurt hurting jump kill killed killer killing
    kills knife life live living meth molested murder myself need numb overdose overdosed
    pain panic pill pills please purge rape raped rapist razor rope sad self shoot slit
    starve stop suicidal suicide tonight unalive unalived unaliving violence wanna want weed
    worthless wrists yourself
    """
)
"""What leetspeak, masks and spaced-out letters may be resolved to. Only these words: a general
rule would turn "b4" and "mp3" into nonsense."""

SMALL_WORDS: frozenset[str] = _set(
    """
    a all am and be cant do dont for go going gonna had have he her here him i im in is it
    just me my no not now of off on out she so that the this to up wanna want we will you
    """
)
"""Glue words that spaced-out letters may hold besides the hidden words."""

DOUBLED: frozenset[str] = _set(
    """
    address all attack balls bee been better bill bitter bleed bleeding blood boo book bored
    bottle bullied bully burning butt call called calling cannot carry class cool cuss
    cutting deep depressed depression door dress feel feeling feels fell fill food fool foot
    free full fuzz getting give goddamn good goodbye grass green happen happened happening
    happy hate hell hello helpless hitting homeless hopeless horrible hurry ill keep keeps
    kill killed killing kills kiss letter little loneliness look loop loss lost matter mess
    miss missed missing mood moon need needed needs noon off pass passed pee pill pills
    pissed pointless poor proof pull really roll roof room sadness school scoop see seem
    seen sell shoot sitting sleep sleeping soon sorry spell still stood stress stressed
    suffer suffering sweet tell telling terrible three tomorrow too tools tooth tree trigger
    triggered useless wall weed week well will wood worried worry worthless yell yelling
    """
)
"""Words that keep a double letter when a drawn-out one is shortened ("goooood")."""

LEET: dict[str, str] = {
    "0": "o",
    "1": "il",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "8": "b",
    "9": "g",
    "@": "a",
    "$": "s",
    "!": "il",
    "|": "il",
    "+": "t",
    "€": "e",
}
"""Signs to the letters they stand for, the likeliest first."""

WORDS: dict[str, str] = {
    "unalive": "kill",
    "unalives": "kills",
    "unalived": "killed",
    "unaliving": "killing",
    "kms": "kill myself",
    "kmsing": "killing myself",
    "kys": "kill yourself",
    "kts": "kill themselves",
    "kmn": "kill me now",
    "ctb": "kill myself",
    "sewerslide": "suicide",
    "sewersliding": "suicide",
    "sewerslidal": "suicidal",
    "suislide": "suicide",
    "suwuicide": "suicide",
    "sewey": "suicide",
    "sui": "suicide",
    "sooicide": "suicide",
    "scuicide": "suicide",
    "sucide": "suicide",
    "suiside": "suicide",
    "suicid": "suicide",
    "sucidal": "suicidal",
    "suicial": "suicidal",
    "selfharm": "self harm",
    "selfharming": "self harming",
    "self-harm": "self harm",
    "self-harmed": "self harmed",
    "self-harming": "self harming",
    "od": "overdose",
    "oding": "overdosing",
    "od'ing": "overdosing",
    "od'd": "overdosed",
    "oded": "overdosed",
    "graped": "raped",
    "sa'd": "sexually assaulted",
    "sa'ed": "sexually assaulted",
    "dv": "domestic violence",
    "mh": "mental health",
    "bpd": "borderline personality disorder",
    "u": "you",
    "ur": "your",
    "r": "are",
    "im": "i'm",
    "iam": "i am",
    "ive": "i've",
    "dont": "don't",
    "dnt": "don't",
    "cant": "can't",
    "cnt": "can't",
    "wont": "won't",
    "didnt": "didn't",
    "doesnt": "doesn't",
    "isnt": "isn't",
    "wasnt": "wasn't",
    "havent": "haven't",
    "shouldnt": "shouldn't",
    "wouldnt": "wouldn't",
    "couldnt": "couldn't",
    "arent": "aren't",
    "aint": "ain't",
    "thats": "that's",
    "whats": "what's",
    "hes": "he's",
    "shes": "she's",
    "theyre": "they're",
    "youre": "you're",
    "wanna": "want to",
    "gonna": "going to",
    "gunna": "going to",
    "gotta": "have to",
    "finna": "going to",
    "imma": "i am going to",
    "ima": "i am going to",
    "tryna": "trying to",
    "kinda": "kind of",
    "lemme": "let me",
    "gimme": "give me",
    "dunno": "don't know",
    "idk": "i don't know",
    "idc": "i don't care",
    "idgaf": "i don't care",
    "ik": "i know",
    "ily": "i love you",
    "imo": "in my opinion",
    "tbh": "to be honest",
    "ngl": "not going to lie",
    "rn": "right now",
    "tn": "tonight",
    "tonite": "tonight",
    "2nite": "tonight",
    "2night": "tonight",
    "2day": "today",
    "2moro": "tomorrow",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "tmw": "tomorrow",
    "bc": "because",
    "cuz": "because",
    "coz": "because",
    "cos": "because",
    "becuz": "because",
    "abt": "about",
    "smth": "something",
    "sth": "something",
    "sm1": "someone",
    "any1": "anyone",
    "every1": "everyone",
    "no1": "no one",
    "ppl": "people",
    "b4": "before",
    "gr8": "great",
    "l8r": "later",
    "m8": "mate",
    "h8": "hate",
    "pls": "please",
    "plz": "please",
    "plss": "please",
    "thx": "thanks",
    "ty": "thank you",
    "tysm": "thank you so much",
    "tq": "thank you",
    "hlp": "help",
    "w/": "with",
    "w/o": "without",
    "bf": "boyfriend",
    "gf": "girlfriend",
    "hubby": "husband",
    "omg": "oh my god",
    "wtf": "what the fuck",
    "wdym": "what do you mean",
    "hbu": "how about you",
    "wbu": "what about you",
    "gn": "good night",
    "gm": "good morning",
    "brb": "be right back",
    "nvm": "never mind",
    "yr": "year",
    "yrs": "years",
    "fkn": "fucking",
    "fking": "fucking",
    "f*cking": "fucking",
    "ffs": "for fuck's sake",
}
"""One token to plain words: algospeak, the slang of distress, chat spelling."""

PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?<![\w']){pattern}(?![\w'])"), words)
    for pattern, words in (
        (r"sewer[ -]?slid(?:e|ing)", "suicide"),
        (r"kermit (?:suicide|sewerslide)", "commit suicide"),
        (r"self[ -](?:delete|exit|yeet)", "kill myself"),
        (r"(?:delete|yeet|unexist) myself", "kill myself"),
        (r"offing myself", "killing myself"),
        (r"off(?:ed)? myself", "kill myself"),
        (r"toaster bath", "suicide"),
        (r"grippy socks?(?: vacation)?", "psychiatric ward"),
        (r"un[ -]alive", "kill"),
        (r"not be alive(?: any ?more)?", "be dead"),
        (r"(?<=clean from )sh", "self harm"),
        (r"(?<=relapsed on )sh", "self harm"),
        (r"sh (?=urges?|thoughts?|relapse|scars?|again|myself|clean)", "self harm "),
        (r"(?<=to )sh(?= |$)", "self harm"),
        (r"(?<=my )ed(?= |$)", "eating disorder"),
        (r"(?<=an )ed(?= |$)", "eating disorder"),
        (r"ed (?=recovery|relapse|thoughts|voice)", "eating disorder "),
        (r"(?:was|been|got) sa", "was sexually assaulted"),
        (r"(\d+) ?(?:yo|y/o)", r"\1 years old"),
    )
)
"""Several tokens to plain words; matched after the single tokens."""

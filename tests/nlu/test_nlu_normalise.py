"""What people write to get past filters, or in a hurry, reads as plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from understanding.normalise import normalise


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # algospeak
        ("i want to unalive myself", "i want to kill myself"),
        ("KMS", "kill myself"),
        ("they told me to kys", "they told me to kill yourself"),
        ("sewerslide", "suicide"),
        ("thinking about sewer slide", "thinking about suicide"),
        ("clean from sh for a year", "clean from self harm for a year"),
        ("run sh build.sh", "run sh build.sh"),
        ("i od'd", "i overdosed"),
        # leetspeak and masks
        ("su1c1de", "suicide"),
        ("k1ll", "kill"),
        ("d1e!", "die!"),
        ("k*ll m*self", "kill myself"),
        ("su*cidal", "suicidal"),
        ("gr8 mp3", "great mp3"),
        ("100 pounds", "100 pounds"),
        # spaced-out letters
        ("I wanna d i e", "i want to die"),
        ("k.i.l.l me", "kill me"),
        ("k i l l  m y s e l f", "kill myself"),
        ("k i l l m y s e l f", "kill myself"),
        ("plan a b c", "plan a b c"),
        # elongation
        ("heeeelp meee", "help me"),
        ("pleaseee", "please"),
        ("kiiiill", "kill"),
        ("sooo goooood", "so good"),
        # emoji
        ("me 🔪🔪🔪", "me knife"),
        ("🆘", "help emergency"),
        ("🦄🦄", ""),
        # letters in disguise
        ("i want to dіе", "i want to die"),
        ("𝓲 𝔀𝓪𝓷𝓽 𝓽𝓸 𝓭𝓲𝓮", "i want to die"),
        ("ｋｉｌｌ", "kill"),
        ("k\u0301i\u0323ll", "kill"),
        ("ki\u200bll my\u00adself", "kill myself"),
        # quotes and chat spelling
        ("I don’t “know”", 'i don\'t "know"'),
        ("idk wtf!! im ok rn", "i don't know what the fuck!! i'm ok right now"),
        ("im 15yo", "i'm 15 years old"),
        # other languages stay
        ("Я не хочу жить", "я не хочу жить"),
        ("لا أريد أن أعيش", "لا أريد أن أعيش"),
        # Rasa must not see a command
        ("/greet", "greet"),
        (" / /x", "x"),
        ("", ""),
        (" \n\t ", ""),
    ],
)
def test_it_reads_as_plain_words(written: str, read: str) -> None:
    assert normalise(written) == read


@given(st.text(max_size=300))
def test_any_text_can_be_normalised(text: str) -> None:
    result = normalise(text)
    assert result == result.strip()
    assert not result.startswith("/")


@pytest.mark.parametrize("text", ["😭" * 4096, "a" * 4096, "k i " * 1024, "1!" * 2048, "*" * 4096])
def test_a_long_odd_text_takes_no_long_time(text: str) -> None:
    normalise(text)

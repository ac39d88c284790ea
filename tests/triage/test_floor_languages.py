"""What the floor hears in every other language it knows."""

from __future__ import annotations

import pytest

from bot.triage.floor import Floor
from models.vocabulary import Theme, Urgency

HIGH = {Urgency.IMMEDIATE, Urgency.URGENT}

HEARD = {
    "es": [
        "quiero morir",
        "me quiero matar",
        "voy a suicidarme esta noche",
        "ya no quiero vivir",
        "no puedo más con esta vida",
        "me corto los brazos",
        "me tomé todas las pastillas",
        "mi marido me pega",
        "me está pegando ahora mismo",
        "mi amiga quiere suicidarse",
        "ayúdenme por favor",
        "ESTOY CANSADA DE VIVIR",
    ],
    "pt": [
        "quero morrer",
        "vou me matar hoje",
        "não quero mais viver",
        "não aguento mais",
        "estou pensando em suicídio",
        "me cortei de novo",
        "tomei todos os comprimidos",
        "meu marido me bate",
        "ele está me batendo agora",
        "meu amigo quer se matar",
        "socorro por favor",
    ],
    "fr": [
        "je veux mourir",
        "je vais me suicider ce soir",
        "j'ai envie d'en finir",
        "je ne veux plus vivre",
        "j'en peux plus",
        "j'ai des idées suicidaires",
        "je me scarifie",
        "j'ai avalé toute une boîte de médicaments",
        "mon mari me frappe",
        "mon amie veut se suicider",
        "aidez-moi s'il vous plaît",
        "Je n’en peux plus de vivre",
    ],
    "de": [
        "ich will sterben",
        "ich will mich umbringen",
        "ich bringe mich heute um",
        "ich möchte nicht mehr leben",
        "ich kann nicht mehr",
        "ich habe Selbstmordgedanken",
        "ich ritze mich wieder",
        "ich habe alle Tabletten geschluckt",
        "mein Mann schlägt mich",
        "meine Freundin will sich umbringen",
        "helft mir bitte",
        "mein Leben hat keinen Sinn mehr",
    ],
    "it": [
        "voglio morire",
        "voglio uccidermi",
        "stasera la faccio finita",
        "non voglio più vivere",
        "non ce la faccio più",
        "penso al suicidio",
        "mi taglio le braccia",
        "ho preso tutte le pillole",
        "mio marito mi picchia",
        "la mia amica vuole uccidersi",
        "aiutatemi per favore",
    ],
    "ru": [
        "хочу умереть",
        "я хочу покончить с собой",
        "сегодня я убью себя",
        "не хочу больше жить",
        "я так больше не могу",
        "думаю о самоубийстве",
        "режу руки",
        "я наглоталась таблеток",
        "муж меня бьет",
        "моя подруга хочет покончить с собой",
        "помогите пожалуйста",
        "hochu umeret",
        "НЕТ СМЫСЛА ЖИТЬ",
    ],
    "uk": [
        "хочу померти",
        "я хочу вбити себе",
        "сьогодні я вб'ю себе",
        "не хочу більше жити",
        "я більше не можу",
        "думаю про самогубство",
        "ріжу собі руки",
        "я наковталася таблеток",
        "чоловік мене б'є",
        "моя подруга хоче покінчити з собою",
        "допоможіть будь ласка",
    ],
    "tr": [
        "ölmek istiyorum",
        "intihar etmek istiyorum",
        "bu gece kendimi öldüreceğim",
        "artık yaşamak istemiyorum",
        "dayanamıyorum artık",
        "intiharı düşünüyorum",
        "kendime zarar veriyorum",
        "bir kutu hap içtim",
        "kocam beni dövüyor",
        "arkadaşım intihar etmek istiyor",
        "lütfen yardım edin",
        "OLMEK ISTIYORUM",
    ],
    "ar": [
        "أريد أن أموت",
        "اريد ان انتحر",
        "راح انتحر الليلة",
        "لا أريد أن أعيش",
        "تعبت من الحياة",
        "أفكر في الانتحار",
        "أجرح نفسي",
        "بلعت حبوب كثيرة",
        "زوجي يضربني",
        "سيقتلني",
        "صديقتي تريد الانتحار",
        "ساعدوني أرجوكم",
    ],
    "fa": [
        "می‌خوام بمیرم",
        "میخوام خودمو بکشم",
        "امشب خودکشی می‌کنم",
        "دیگه نمی‌خوام زندگی کنم",
        "از زندگی خسته شدم",
        "به خودکشی فکر می‌کنم",
        "خودزنی می‌کنم",
        "کلی قرص خوردم",
        "شوهرم منو میزنه",
        "دوستم می‌خواد خودکشی کنه",
        "کمکم کنید لطفا",
    ],
    "hi": [
        "मैं मरना चाहता हूँ",
        "मैं आत्महत्या करना चाहती हूँ",
        "main marna chahta hu",
        "mai suicide kar lunga",
        "ab jeena nahi chahti",
        "जीने का कोई मतलब नहीं",
        "zindagi se thak gaya hu",
        "मैंने बहुत सारी गोलियां खा ली",
        "pati mujhe marta hai",
        "मेरी दोस्त आत्महत्या करना चाहती है",
        "मेरी मदद करो",
        "khudkushi karna chahta hu",
    ],
    "id": [
        "aku mau mati",
        "saya ingin bunuh diri",
        "malam ini aku akan bunuh diri",
        "gak mau hidup lagi",
        "capek hidup",
        "aku pengen mati aja",
        "menyayat tangan",
        "aku menelan satu botol obat",
        "suami memukul saya",
        "temanku mau bunuh diri",
        "tolong aku sekarang",
        "pengen bundir",
    ],
}

WISHES = {
    "es": [
        "quiero morirme",
        "quiero morir",
        "me quiero morir ya",
        "solo quiero morir",
        "quisiera estar muerta",
        "tengo muchas ganas de morir",
        "ya no aguanto, kiero morirme",
    ],
    "pt": [
        "quero morrer",
        "só quero morrer",
        "eu quero muito morrer",
        "estou com vontade de morrer",
        "queria sumir, quero estar morta",
    ],
    "fr": [
        "je veux mourir",
        "jveux mourir",
        "je voudrais vraiment mourir",
        "j'ai envie de mourir",
        "j'ai tellement envie de crever",
        "je veut mourir",
    ],
    "de": [
        "ich will sterben",
        "ich will einfach nur noch sterben",
        "will sterben",
        "jetzt möchte ich sterben",
        "ich kann nicht mehr und will sterben",
        "ich möchte tot sein",
    ],
    "it": ["voglio morire", "voglio solo morire", "vorrei essere morta", "ho voglia di morire"],
    "ru": [
        "я хочу умереть",
        "хочу просто сдохнуть",
        "мне хочется умереть",
        "я бы хотела, нет, я хочу умиреть",
        "умереть хочу",
        "hochu umeret",
    ],
    "uk": ["хочу померти", "я просто хочу вмерти", "мені хочеться померти", "померти хочу"],
    "tr": ["olmek istiyorum", "Ölmek istiyorum artık", "ölesim var", "gebermek istiyorum"],
    "ar": [
        "أريد أن أموت",
        "عايزة اموت",
        "بدي موت",
        "نفسي أموت",
        "بغيت نموت",
        "ana 3ayez amoot",
        "ana aayiz amout",
        "biddi mout",
    ],
    "fa": ["میخوام بمیرم", "می‌خواهم بمیرم", "دلم میخواد بمیرم", "mikham bemiram"],
    "hi": [
        "marna chahta hu",
        "main marna chahti hun",
        "mujhe mar jana hai",
        "main bas marna chahta",
        "मरना चाहता हूँ",
        "मैं मर जाना चाहती हूँ",
        "मुझे मरना है",
    ],
    "id": [
        "aku mau mati",
        "ingin mati",
        "gue pengen mati aja",
        "saya nak mati",
        "rasanya ingin mati",
    ],
    "pl": [
        "chcę umrzeć",
        "chce umrzec",
        "chciałabym już nie żyć",
        "chcę się zabić",
        "mam ochotę umrzeć",
    ],
    "tl": [
        "gusto ko nang mamatay",
        "gusto kong mamatay",
        "gusto ko na lang mamatay",
        "gusto ko na pong mamatay",
        "magpapakamatay na ako",
    ],
}
"""Plain wishes to die, as somebody says them of themselves and now."""

NEIGHBOURS = {
    "es": ["me muero de risa", "quiero morirme de risa", "me quiero morir de vergüenza"],
    "pt": ["quero morrer de rir", "estou morrendo de vontade de pizza", "vontade de morrer de rir"],
    "fr": ["je meurs de faim", "je veux mourir de rire", "j'ai envie de mourir de honte"],
    "de": ["ich will sterben vor Lachen", "ich sterbe vor Scham", "der Film will nicht sterben"],
    "it": ["vorrei morire dal ridere", "voglio morire di vergogna", "muoio di sonno"],
    "ru": ["хочу умереть со смеху", "умереть хочу спать", "умереть как хочу есть"],
    "uk": ["хочу померти зі сміху", "помираю від сорому"],
    "tr": ["öldüm gülmekten", "gülmekten ölmek istiyorum", "ölmek istiyorum utançtan"],
    "ar": ["عايز اموت من الضحك", "بموت فيك", "3ayez amoot men el de7k", "bamoot feeki"],
    "fa": ["میخوام از خنده بمیرم", "از خجالت میخوام بمیرم", "bemiram az khande"],
    "hi": ["haste haste mar gaya", "bhook se marna hai", "bahut hansa, hansi se mar jaunga"],
    "id": ["aku mau mati ketawa", "hp ku mau mati", "aku mau mati bosan"],
    "pl": ["umieram ze śmiechu", "chcę umrzeć ze wstydu", "chce mi się spać", "umrzeć z nudów"],
    "tl": ["mamatay na ako sa tawa", "gusto ko nang mamatay sa hiya", "namatay ang telepono ko"],
}
"""Everyday talk in the words of a wish to die."""

NOT_WISHED = {
    "es": ["no me quiero morir", "nunca quiero morir", "no tengo ganas de morir"],
    "pt": ["não tenho vontade de morrer", "nunca quero morrer", "não quero estar morta"],
    "fr": ["je n'ai pas envie de mourir", "je ne veux plus mourir", "aucune envie de mourir"],
    "de": ["ich will noch nicht sterben", "ich möchte nicht sterben"],
    "it": ["non voglio mica morire", "non ho voglia di morire"],
    "ru": ["мне не хочется умирать", "не хочу пока умереть", "ne hochu umeret"],
    "uk": ["я не хочу вмерти", "мені не хочеться померти"],
    "tr": ["ölmek istemiyorum", "asla ölmek istemem"],
    "ar": ["مش عايز اموت", "ما بدي موت", "msh 3ayez amoot", "mesh ayza amout"],
    "fa": ["نمی‌خوام بمیرم", "nemikham bemiram"],
    "hi": ["main nahi marna chahta hu", "मैं नहीं मरना चाहता हूँ", "mujhe nahi marna hai"],
    "id": ["belum mau mati", "aku gak pengen mati"],
    "pl": ["nie chcę umrzeć", "nie chce jeszcze umierac", "nie chcę się zabić"],
    "tl": ["ayoko pang mamatay", "hindi ko gustong mamatay"],
}

OF_ANOTHER = {
    "es": "mi hermana quiere morirse",
    "fr": "ma soeur veut mourir",
    "de": "er will sterben",
    "it": "mia sorella vuole morire",
    "ru": "моя подруга хочет умереть",
    "pl": "ona chce umrzec",
    "tl": "gusto na niyang mamatay",
}

QUIET = {
    "es": ["me muero de risa", "me muero de hambre", "hola, ¿qué tal?", "vi escuadrón suicida"],
    "pt": ["estou morrendo de rir", "morrendo de fome", "oi, tudo bem?", "matar o tempo"],
    "fr": [
        "je suis mort de rire",
        "je meurs de faim",
        "bonjour, ça va ?",
        "la prévention du suicide",
    ],
    "de": [
        "ich lach mich tot",
        "ich sterbe vor Hunger",
        "hallo wie geht es dir",
        "die Zeit totschlagen",
    ],
    "it": ["muoio dal ridere", "sto morendo di fame", "ciao come stai", "prevenzione del suicidio"],
    "ru": ["умираю со смеху", "умираю от голода", "привет как дела", "отряд самоубийц"],
    "uk": ["помираю зі сміху", "помираю від голоду", "привіт як справи", "загін самогубців"],
    "tr": ["gülmekten öldüm", "açlıktan ölüyorum", "merhaba nasılsın", "intihar timi filmi"],
    "ar": ["بموت من الضحك", "ميت من الجوع", "مرحبا كيف حالك", "فيلم فرقة الانتحار"],
    "fa": ["مردم از خنده", "از گشنگی مردم", "سلام حال شما چطوره", "پیشگیری از خودکشی"],
    "hi": ["हंसते हंसते मर गया", "bhook se mar raha hu", "namaste kaise ho", "सुसाइड स्क्वाड"],
    "id": ["mati ketawa", "hp ku mati", "halo apa kabar", "pencegahan bunuh diri"],
}

DENIED = {
    "es": "no quiero suicidarme",
    "pt": "não quero me matar",
    "fr": "je ne veux pas mourir",
    "de": "ich will mich nicht umbringen",
    "it": "non voglio uccidermi",
    "ru": "я не хочу умирать",
    "uk": "я не хочу помирати",
    "tr": "ölmek istemiyorum",
    "ar": "لا اريد ان اموت",
    "fa": "نمی‌خوام خودکشی کنم",
    "hi": "main marna nahi chahta",
    "id": "saya tidak mau bunuh diri",
}

HUMAN = {
    "es": "quiero hablar con una persona",
    "pt": "quero falar com uma pessoa",
    "fr": "je veux parler à quelqu'un",
    "de": "ich möchte mit einem Menschen reden",
    "it": "vorrei parlare con una persona",
    "ru": "хочу поговорить с живым человеком",
    "uk": "хочу поговорити з людиною",
    "tr": "biriyle konuşmak istiyorum",
    "ar": "اريد ان اتكلم مع شخص",
    "fa": "می‌خوام با یک نفر حرف بزنم",
    "hi": "mujhe kisi se baat karni hai",
    "id": "saya mau bicara dengan orang",
}

STOP = {
    "es": ["PARA", "Basta"],
    "pt": ["PARE", "chega"],
    "fr": ["ARRÊTEZ", "arrête"],
    "de": ["STOPP", "Aufhören"],
    "it": ["BASTA", "fermati"],
    "ru": ["СТОП", "хватит"],
    "uk": ["СТОП", "досить"],
    "tr": ["DUR", "yeter"],
    "ar": ["توقف", "كفى"],
    "fa": ["بس کن", "توقف"],
    "hi": ["रुको", "BAS KARO"],
    "id": ["BERHENTI", "cukup"],
}


def _pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(language, text) for language, texts in table.items() for text in texts]


@pytest.fixture(scope="module")
def floor() -> Floor:
    return Floor.load()


@pytest.mark.parametrize(("language", "text"), _pairs(HEARD))
def test_a_crisis_is_heard_in_every_language(floor: Floor, language: str, text: str) -> None:
    reading = floor.read(text)
    assert reading.urgency in HIGH
    assert any(reason.startswith(f"{language}.") for reason in reading.reasons)


@pytest.mark.parametrize(("language", "text"), _pairs(WISHES))
def test_a_plain_wish_to_die_is_as_urgent_as_the_model_hears_it_in_english(
    floor: Floor, language: str, text: str
) -> None:
    reading = floor.read(text)
    assert reading.urgency is Urgency.IMMEDIATE
    assert reading.theme is Theme.SUICIDE
    assert f"{language}.suicide.wish" in reading.reasons or language in ("pl", "tl")
    assert reading.language == language


@pytest.mark.parametrize(("language", "text"), _pairs(NEIGHBOURS))
def test_to_die_of_laughter_is_no_wish_to_die(floor: Floor, language: str, text: str) -> None:
    assert floor.read(text).urgency not in HIGH


@pytest.mark.parametrize(("language", "text"), _pairs(NOT_WISHED))
def test_who_does_not_want_to_die_has_said_so(floor: Floor, language: str, text: str) -> None:
    assert floor.read(text).urgency not in HIGH


@pytest.mark.parametrize(("language", "text"), OF_ANOTHER.items())
def test_the_wish_of_another_is_not_ones_own(floor: Floor, language: str, text: str) -> None:
    assert floor.read(text).urgency is Urgency.URGENT


@pytest.mark.parametrize("text", ["quiero morir jajaja", "je veux mourir mdr", "хочу умереть хаха"])
def test_with_laughter_it_still_pages_but_not_at_once(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency is Urgency.URGENT


def test_not_wanting_to_live_pages_where_little_else_is_heard(floor: Floor) -> None:
    for text in ("nie chce mi się już żyć", "nie mam już po co żyć", "ayoko nang mabuhay"):
        assert floor.read(text).urgency is Urgency.URGENT, text


def test_a_language_of_few_rules_is_not_one_that_is_read(floor: Floor) -> None:
    # Silence of two rules says nothing of a whole message.
    assert floor.read("nie wiem co mam teraz zrobić z tym wszystkim").unreadable


@pytest.mark.parametrize(("language", "text"), _pairs(QUIET))
def test_everyday_talk_wakes_nobody(floor: Floor, language: str, text: str) -> None:
    assert floor.read(text).urgency not in HIGH


@pytest.mark.parametrize(("language", "text"), DENIED.items())
def test_a_denial_is_support(floor: Floor, language: str, text: str) -> None:
    assert floor.read(text).urgency is Urgency.SUPPORT


@pytest.mark.parametrize(("language", "text"), HUMAN.items())
def test_asking_for_a_human_is_heard(floor: Floor, language: str, text: str) -> None:
    assert floor.read(text).asks == "human"


@pytest.mark.parametrize(("language", "text"), _pairs(STOP))
def test_stop_is_heard(floor: Floor, language: str, text: str) -> None:
    assert floor.read(text).asks == "stop"


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, texts[0] if language != "hi" else texts[1]) for language, texts in HEARD.items()],
)
def test_the_language_is_guessed(floor: Floor, language: str, text: str) -> None:
    assert floor.read(text).language == language

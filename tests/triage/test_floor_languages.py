"""What the floor hears in every other language it knows."""

from __future__ import annotations

import pytest

from bot.triage.floor import Floor
from models.vocabulary import Urgency

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

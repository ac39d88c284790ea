"""What the floor hears in English, one table for each thing it can do."""

from __future__ import annotations

import pytest

from bot.triage.floor import Floor
from models.vocabulary import Theme, Urgency

IMMEDIATE, URGENT = {Urgency.IMMEDIATE}, {Urgency.IMMEDIATE, Urgency.URGENT}
QUIET = {Urgency.NONE, Urgency.SUPPORT}


@pytest.fixture(scope="module")
def floor() -> Floor:
    return Floor.load()


@pytest.mark.parametrize(
    "text",
    [
        "I'm going to kill myself tonight",
        "i will end my life tomorrow",
        "I have decided to commit suicide",
        "planning on hanging myself this weekend",
        "gonna jump off a bridge",
        "i want to take my own life",
        "About to end it all",
        "I am ready to die by suicide",
        "i keep thinking how to do it but tonight i will kill myself",
        "I have a plan to kill myself",
        "I want to unalive myself",
        "im gonna ctb",
        "i think ill just jump in front of a train",
    ],
)
def test_a_plan_or_intention_is_immediate(floor: Floor, text: str) -> None:
    reading = floor.read(text)
    assert reading.urgency in IMMEDIATE
    assert reading.theme is Theme.SUICIDE


@pytest.mark.parametrize(
    "text",
    [
        "there is a rope around my neck",
        "I have the gun in my hand",
        "the pills are in front of me",
        "im standing on the ledge of the roof",
        "I slit my wrists",
        "I've tied a noose",
        "sitting on the train tracks",
        "i have the pills ready and a bottle of vodka to end it",
        "I've been stockpiling my pills",
        "i just cut my wrists and there is blood everywhere",
        "im bleeding out",
        "the knife is against my throat",
    ],
)
def test_means_to_hand_and_acts_begun_are_immediate(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in IMMEDIATE


@pytest.mark.parametrize(
    "text",
    [
        "goodbye everyone, i love you all",
        "this is my last message",
        "by the time you read this i will be gone",
        "I wrote my suicide note",
        "please tell my mum i love her. tell my mum that i'm sorry",
        "you won't see me again",
        "i won't be here tomorrow",
        "take care of my dog when im gone",
        "goodbye cruel world",
        "see you all on the other side",
        "I've written letters to my kids to say goodbye",
    ],
)
def test_a_veiled_farewell_is_immediate(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in IMMEDIATE


@pytest.mark.parametrize(
    "text",
    [
        "I want to die",
        "i wish i was dead",
        "wish I'd never been born",
        "I'm suicidal",
        "feeling really suicidal",
        "having suicidal thoughts again",
        "I don't want to live anymore",
        "dont wanna be here anymore",
        "cant go on",
        "there's no reason to live",
        "I have nothing to live for",
        "everyone would be better off without me",
        "nobody would care if i died",
        "I hope I don't wake up tomorrow",
        "life isn't worth living",
        "tired of living",
        "i keep thinking about killing myself",
        "I've been thinking about suicide",
        "whats the point of living",
        "I just want the pain to stop",
        "i cant do this anymore",
        "I want to disappear forever",
        "wish i could go to sleep and never wake up",
        "i'd rather be dead than go on like this",
        "im better off dead",
        "I've lost the will to live",
        "please just let me die",
        "i am just a burden to everyone",
        "no point in living",
        "I don't see a future for me anymore",
        "death is the only way out",
        "I can't make it through the night",
        "im scared i might hurt myself",
        "suicide is always on my mind",
        "i want to be dead",
        "I deserve to die",
        "my family would be happier without me",
        "I don't feel safe with myself",
    ],
)
def test_thoughts_of_suicide_are_urgent(floor: Floor, text: str) -> None:
    reading = floor.read(text)
    assert reading.urgency in URGENT
    assert reading.theme in {Theme.SUICIDE, Theme.SELF_HARM}


@pytest.mark.parametrize(
    "text",
    [
        "what is the least painful way to die",
        "how many pills would it take to overdose",
        "how do i tie a noose",
        "painless suicide methods",
        "best way to kill myself",
        "what is a lethal dose of paracetamol",
    ],
)
def test_asking_for_a_method_is_immediate(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in IMMEDIATE


@pytest.mark.parametrize(
    "text",
    [
        "I cut myself again last night",
        "i've been self-harming for months",
        "the urge to cut is so strong",
        "I relapsed on sh",
        "im trying to stay clean from self harm but i cant",
        "i keep burning my arms with a lighter",
        "want to hurt myself",
        "how do i hide my self harm scars",
        "started cutting again",
        "I scratch my arms until they bleed, i hurt myself",
        "thinking about selfharm",
        "banging my head against the wall",
        "🔪 my wrist",
    ],
)
def test_self_harm_is_urgent(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in URGENT


@pytest.mark.parametrize(
    "text",
    [
        "I just took 30 paracetamol",
        "i swallowed the whole bottle of pills",
        "ive overdosed",
        "took all my meds and now im dizzy",
        "I drank bleach",
        "my sister took too many sleeping pills",
        "he's overdosing please help",
        "i took a handful of xanax with vodka",
        "mixed pills and alcohol, took 40 tablets",
        "I think my friend overdosed",
    ],
)
def test_an_overdose_taken_is_immediate(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in IMMEDIATE


@pytest.mark.parametrize(
    "text",
    [
        "he is hitting me right now",
        "my husband is trying to kill me",
        "my boyfriend has a knife and he's threatening me",
        "someone is breaking into my house",
        "I'm hiding in the bathroom from him",
        "he won't let me leave",
        "I was raped last night",
        "call the police please",
        "they're trying to kill me",
        "she is choking me",
        "he has a gun pointed at me",
        "I'm going to kill my boss",
    ],
)
def test_violence_now_is_immediate(floor: Floor, text: str) -> None:
    reading = floor.read(text)
    assert reading.urgency in IMMEDIATE
    assert reading.theme is Theme.VIOLENCE


@pytest.mark.parametrize(
    "text",
    [
        "my dad hits me when he's drunk",
        "my husband beats me",
        "I'm in an abusive relationship",
        "I'm scared to go home",
        "my uncle keeps touching me",
        "my ex threatened to kill me",
        "i have been sexually abused",
        "I don't feel safe at home",
        "my mom is going to kill me",
        "i have thoughts of killing my husband",
    ],
)
def test_abuse_and_threats_are_urgent(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in URGENT


@pytest.mark.parametrize(
    "text",
    [
        "she stopped breathing",
        "my dad is unconscious on the floor",
        "I can't wake him up",
        "i think im having a heart attack",
        "my friend collapsed",
        "he is having a seizure",
        "the bleeding won't stop",
        "we need an ambulance",
    ],
)
def test_a_threat_to_life_by_illness_is_immediate(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in IMMEDIATE


@pytest.mark.parametrize("text", ["i have chest pain", "I can't breathe", "pain in my chest"])
def test_signs_of_illness_are_urgent(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in URGENT


@pytest.mark.parametrize(
    "text",
    [
        "the voices are telling me to kill myself",
        "I hear voices that tell me to hurt people",
        "a voice in my head keeps telling me to jump",
    ],
)
def test_voices_that_command_are_immediate(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in IMMEDIATE


@pytest.mark.parametrize(
    "text",
    [
        "my friend says she wants to die",
        "my brother is suicidal",
        "my daughter is cutting herself",
        "I'm worried my son will hurt himself",
        "my best friend sent me a goodbye message",
        "my girlfriend is going to kill herself",
        "he told me he wants to end his life",
        "how can i help a suicidal friend",
        "my roommate is on the bridge",
        "my cousin keeps talking about suicide",
    ],
)
def test_someone_else_at_risk_is_urgent(floor: Floor, text: str) -> None:
    reading = floor.read(text)
    assert reading.urgency in URGENT
    assert Theme.SOMEONE_ELSE in {reading.theme} or any("someone" in r for r in reading.reasons)


@pytest.mark.parametrize(
    "text",
    [
        "i want to k1ll mys3lf",
        "k i l l   m y s e l f",
        "s u i c i d e",
        "s.u.i.c.i.d.a.l",
        "im su!cidal",
        "feeling $uicidal",
        "s*icidal thoughts",
        "kiiiilllll myyyself",
        "i wanna dieeeeeee",
        "I WANT TO DIE",
        "i want to kіll myself",  # a Cyrillic letter
        "𝓘 𝔀𝓪𝓷𝓽 𝓽𝓸 𝓭𝓲𝓮",
        "ⓘ ⓦⓐⓝⓣ ⓣⓞ ⓓⓘⓔ",
        "ᴡᴀɴᴛ ᴛᴏ ᴅɪᴇ",
        "i want\u200b to d\u200bie",
        "i wa\u0301nt to di\u0308e",
        "ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "I don’t want to live anymore",
        "i dont want 2 live anymore",
        "i do not want to be alive any more",
        "kil myself",
        "im feeling sucidal",
        "thinking about suicde",
        "contemplating siucide",
        "i wanna kill myslef",
        "killmyself",
        "#wanttodie",
        "sewerslide thoughts",
        "kms tonight",
        "unaliving myself",
        "i want to... die",
        "i want\nto die",
        "im so done w life i wanna 🔫 myself, want to die",
        "🔫 my head",
        "💊💊💊",
        "🆘",
    ],
)
def test_disguises_slips_and_pictures_are_seen_through(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in URGENT


@pytest.mark.parametrize(
    "text",
    [
        "I could kill for a coffee",
        "this traffic is killing me",
        "dying of laughter over here",
        "die hard is a great christmas movie",
        "how do I kill the process on port 8080",
        "you killed it on stage",
        "have you seen suicide squad",
        "a car with suicide doors",
        "I work in suicide prevention training",
        "my phone died",
        "im dying to see that film",
        "im dead lol",
        "to die for chocolate cake",
        "killing time at the airport",
        "my feet are killing me",
        "the boss keeps killing me in dark souls",
        "old habits die hard",
        "in the book she kills herself",
        "the song i want to die in the movie soundtrack is great",
        "the main character dies at the end",
        "I cut myself shaving",
        "burned my hand on the oven",
        "my mum is going to kill me when she finds out lol",
        "shoot me an email",
        "she beat me at chess",
        "roll the die",
        "I nearly died laughing",
        "we need to kill two birds with one stone",
        "how do i terminate a python process",
        "that workout killed me",
        "essay on suicide in japan",
        "suicide rates went down last year",
        "dead tired after work",
        "dressed to kill",
        "ran 10 kms this morning",
        "it is 5 kms away",
        "political suicide",
        "can you shoot a good portrait at noon",
        "how do i blow up a balloon",
        "I'm drowning in homework",
        "what time does the shop close",
        "book me a table for two",
        "I love this so much",
        "the battery is dying",
        "my plants keep dying",
        "I'm starving, what's for dinner",
        "let's crush them in the final",
        "he hits me up every weekend",
        "this song hits me hard",
        "dying my hair blue",
        "overdose of cuteness",
        "i had an argument with my boss about the deadline",
        "Did Romeo kill himself in the play?",
        "thanks, that's helpful",
        "hello",
        "who won the game last night",
        "kill the lights please",
        "the jokes are killing me",
        "wake me up at seven",
        "take the bus to work",
        "I have a headache",
        "what's your name",
        "can't wait for the weekend",
    ],
)
def test_everyday_talk_games_work_and_stories_wake_nobody(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in QUIET


@pytest.mark.parametrize(
    "text",
    [
        "I'm not suicidal",
        "I don't want to kill myself",
        "i would never hurt myself",
        "ten years ago I tried to kill myself",
        "I used to self harm",
        "I attempted suicide when I was 16",
        "I'm a suicide attempt survivor",
        "my brother died by suicide",
        "I lost my dad to suicide",
        "haven't had any suicidal thoughts since the summer",
        "the suicidal thoughts went away with the new meds",
        "it's the anniversary of my overdose, nine years",
        "I overdosed in 2014 and here I am",
        "recovered from self harm, I teach now",
        "he used to hit me",
        "I left my violent husband six years ago",
    ],
)
def test_what_is_denied_past_or_mourned_is_support(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency is Urgency.SUPPORT


@pytest.mark.parametrize(
    "text",
    [
        "I'm not going to lie, I want to die",
        "not suicidal but I have the pills in my hand",
        "i'm not suicidal, i just want to end my life",
        "this traffic is killing me and i want to kill myself",
        "ten years ago i tried to kill myself and tonight i will do it again, i want to die",
        "I watched die hard and now I'm going to hang myself",
        "lol im going to kill myself",
        "i'd kill for a coffee. also i took all my pills",
        "killing time before i kill myself",
        "i used to burn myself and tonight i want to die",
        "haven't had suicidal thoughts in years but now i want to kill myself",
        "i left my abusive ex two years ago and now he is outside my house",
        "my team let me die in the raid and i really am going to kill myself",
        "first i hang the mirror, then i am going to hang myself",
    ],
)
def test_a_guard_lowers_nothing_already_certain(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in URGENT


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("I'm having panic attacks every day", Theme.PANIC),
        ("my grandma passed away", Theme.GRIEF),
        ("I feel so lonely", Theme.LONELINESS),
        ("i hate myself", Theme.LOW_MOOD),
        ("I've been really depressed", Theme.LOW_MOOD),
        ("I relapsed and started drinking again", Theme.SUBSTANCE_USE),
        ("my eating disorder is getting worse", Theme.EATING),
        ("nobody understands me", Theme.LONELINESS),
    ],
)
def test_other_troubles_are_support_with_their_theme(floor: Floor, text: str, theme: Theme) -> None:
    reading = floor.read(text)
    assert reading.urgency is Urgency.SUPPORT
    assert reading.theme is theme


@pytest.mark.parametrize(
    "text",
    ["please help me", "I need help right now", "someone please help", "I'm in crisis", "sos"],
)
def test_a_cry_for_help_is_urgent(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in URGENT


@pytest.mark.parametrize(
    "text",
    [
        "can I talk to a real person",
        "I want to speak to someone",
        "human please",
        "is there anybody there",
        "i need someone to talk to",
        "I don't want to talk to a bot",
        "help",
        "i need help",
        "i want to talk about what happened",
        "will you stay with me",
    ],
)
def test_asking_for_a_human_is_heard(floor: Floor, text: str) -> None:
    assert floor.read(text).asks == "human"


@pytest.mark.parametrize(
    "text",
    [
        "are you a bot",
        "i need help finding my keys",
        "can you talk a bit slower",
        "could you call me by another name",
        "i need help with my pension",
    ],
)
def test_asking_the_bot_for_something_asks_for_no_human(floor: Floor, text: str) -> None:
    assert floor.read(text).asks is None


@pytest.mark.parametrize(
    "text",
    [
        "what is the number for a crisis line",
        "do you have a hotline",
        "who can I call",
        "resources",
    ],
)
def test_asking_for_resources_is_heard(floor: Floor, text: str) -> None:
    assert floor.read(text).asks == "resources"


@pytest.mark.parametrize(
    "text",
    ["STOP", "stop", "Stop.", "sToP!!", "please stop", "stop please", "UNSUBSCRIBE", " stop "],
)
def test_stop_is_heard_in_any_case(floor: Floor, text: str) -> None:
    assert floor.read(text).asks == "stop"


@pytest.mark.parametrize(
    "text", ["I can't stop crying", "make it stop", "he won't stop", "the bus stop", "don't stop"]
)
def test_the_word_stop_inside_a_message_is_no_wish_to_end(floor: Floor, text: str) -> None:
    assert floor.read(text).asks != "stop"


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("im 13 and i want to die", True),
        ("I'm fifteen years old", True),
        ("im in 8th grade", True),
        ("14f", True),
        ("I'm 34", False),
        ("im 15 minutes away", False),
        ("my son is here", False),
    ],
)
def test_a_sign_of_being_under_age_is_flagged(floor: Floor, text: str, minor: bool) -> None:
    assert floor.read(text).minor is minor


@pytest.mark.parametrize(
    "text",
    [
        "i am scared to be alone with the baby",
        "I keep getting images of dropping my newborn down the stairs",
        "three weeks since the c-section and I feel nothing for her",
        "they would be better off with another mother",
        "something is crawling under my skin and I can't get it out",
        "they replaced my sister with someone who looks like her",
        "the newsreader is talking to me again",
        "he keeps my passport and won't let me leave",
        "i'm being kept here against my will",
        "I never planned to live past thirty",
        "they'd be happier at my funeral",
        "I'm looking forward to not waking up",
        "there's enough in my savings to pay for the funeral",
        "my freind is gonna kil himself",
        "engine is running and the garage door is closed",
        "cutting in my room every night",
    ],
)
def test_what_few_words_of_danger_say_is_heard(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in URGENT


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to talk to anyone",
        "i'd rather not talk to anybody right now",
        "i dont need a human",
    ],
)
def test_who_wants_no_company_is_not_sent_any(floor: Floor, text: str) -> None:
    reading = floor.read(text)
    assert reading.asks is None
    assert reading.urgency is Urgency.SUPPORT


@pytest.mark.parametrize(
    "text",
    ["i have nobody to talk to", "I don't want to talk to a bot", "can't talk to anyone here"],
)
def test_who_has_nobody_or_wants_no_machine_is_not_taken_for_one(floor: Floor, text: str) -> None:
    reading = floor.read(text)
    assert reading.asks == "human" or reading.urgency in URGENT | {Urgency.SUPPORT}


@pytest.mark.parametrize(
    "text",
    [
        "will you call the police on me",
        "are you going to call the cops",
        "are you gonna tell my parents?",
        "will you tell my mum",
        "do you report this to the police",
        "is this anonymous?",
        "who can see this",
        "can my school see this",
        "do you know where I am",
    ],
)
def test_who_fears_for_their_secret_is_answered_and_pages_nobody(floor: Floor, text: str) -> None:
    reading = floor.read(text)
    assert reading.asks == "about_bot"
    assert reading.urgency is Urgency.NONE


@pytest.mark.parametrize(
    "text",
    [
        "please call the police",
        "can you call the police",
        "somebody call the police he has a knife",
    ],
)
def test_who_cries_for_the_police_is_in_danger(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in URGENT


@pytest.mark.parametrize(
    "text",
    [
        "cnt do thsi anymroe goign to edn it tonigt",
        "plese hlep i tok to manny pils",
        "hes got teh knif and hes comin upstars pls",
        "i wnat to kil myslef tongiht",
        "i cant stpo bleding form my wrist i cut too deep",
    ],
)
def test_whoever_types_in_panic_is_understood(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency in URGENT


@pytest.mark.parametrize(
    "text",
    ["sacred heart, what a bride", "fried rice and aloe vera", "the rally is a bother", "gnu make"],
)
def test_a_word_of_its_own_is_no_slip(floor: Floor, text: str) -> None:
    assert floor.read(text).urgency is Urgency.NONE

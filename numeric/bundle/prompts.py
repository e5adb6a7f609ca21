"""Prompts that differ in one thing: tense, number, language, wording. Written for porism.

A frame holds one sentence in three tenses and two numbers; a translation one sentence in four
languages; a paraphrase four wordings of one thought. They are plain data, made by hand and not
drawn from any corpus, few, and mostly English: what is measured on them is about these sentences.
"""

from __future__ import annotations

from dataclasses import dataclass

TENSES = ("past", "present", "future")
NUMBERS = ("singular", "plural")
LANGUAGES = ("English", "French", "German", "Spanish")


@dataclass(frozen=True)
class Frame:
    """One sentence by tense and number: `singular` and `plural` hold past, present, future."""

    singular: tuple[str, str, str]
    plural: tuple[str, str, str]

    def __getitem__(self, at: tuple[int, int]) -> str:
        """The sentence in a tense and a number, by their indices."""
        tense, number = at
        return (self.singular, self.plural)[number][tense]


FRAMES = (
    Frame(
        ("The dog ran in the park.", "The dog runs in the park.", "The dog will run in the park."),
        (
            "The dogs ran in the park.",
            "The dogs run in the park.",
            "The dogs will run in the park.",
        ),
    ),
    Frame(
        (
            "The nurse wrote a long report.",
            "The nurse writes a long report.",
            "The nurse will write a long report.",
        ),
        (
            "The nurses wrote a long report.",
            "The nurses write a long report.",
            "The nurses will write a long report.",
        ),
    ),
    Frame(
        (
            "My friend bought fresh bread.",
            "My friend buys fresh bread.",
            "My friend will buy fresh bread.",
        ),
        (
            "My friends bought fresh bread.",
            "My friends buy fresh bread.",
            "My friends will buy fresh bread.",
        ),
    ),
    Frame(
        (
            "The engine made a strange noise.",
            "The engine makes a strange noise.",
            "The engine will make a strange noise.",
        ),
        (
            "The engines made a strange noise.",
            "The engines make a strange noise.",
            "The engines will make a strange noise.",
        ),
    ),
    Frame(
        (
            "The lawyer spoke to the judge.",
            "The lawyer speaks to the judge.",
            "The lawyer will speak to the judge.",
        ),
        (
            "The lawyers spoke to the judge.",
            "The lawyers speak to the judge.",
            "The lawyers will speak to the judge.",
        ),
    ),
    Frame(
        (
            "The river flowed past the old mill.",
            "The river flows past the old mill.",
            "The river will flow past the old mill.",
        ),
        (
            "The rivers flowed past the old mill.",
            "The rivers flow past the old mill.",
            "The rivers will flow past the old mill.",
        ),
    ),
    Frame(
        (
            "The child drew a red house.",
            "The child draws a red house.",
            "The child will draw a red house.",
        ),
        (
            "The children drew a red house.",
            "The children draw a red house.",
            "The children will draw a red house.",
        ),
    ),
    Frame(
        (
            "The bank raised its fees.",
            "The bank raises its fees.",
            "The bank will raise its fees.",
        ),
        (
            "The banks raised their fees.",
            "The banks raise their fees.",
            "The banks will raise their fees.",
        ),
    ),
)

TRANSLATIONS = (
    (
        "The train to the city leaves at noon.",
        "Le train pour la ville part à midi.",
        "Der Zug in die Stadt fährt um zwölf Uhr ab.",
        "El tren a la ciudad sale al mediodía.",
    ),
    (
        "My sister reads a book every week.",
        "Ma sœur lit un livre chaque semaine.",
        "Meine Schwester liest jede Woche ein Buch.",
        "Mi hermana lee un libro cada semana.",
    ),
    (
        "The water in the lake is very cold.",
        "L'eau du lac est très froide.",
        "Das Wasser im See ist sehr kalt.",
        "El agua del lago está muy fría.",
    ),
    (
        "We eat dinner in the garden.",
        "Nous dînons dans le jardin.",
        "Wir essen im Garten zu Abend.",
        "Cenamos en el jardín.",
    ),
    (
        "The doctor works in a small village.",
        "Le médecin travaille dans un petit village.",
        "Der Arzt arbeitet in einem kleinen Dorf.",
        "El médico trabaja en un pueblo pequeño.",
    ),
    (
        "The museum is closed on Monday.",
        "Le musée est fermé le lundi.",
        "Das Museum ist am Montag geschlossen.",
        "El museo está cerrado el lunes.",
    ),
)

PARAPHRASES = (
    (
        "The meeting was put off until Friday.",
        "They postponed the meeting to Friday.",
        "The meeting will now take place on Friday instead.",
        "Friday is the new date of the meeting.",
    ),
    (
        "It has not rained here for two months.",
        "For two months there has been no rain here.",
        "The last rain here fell two months ago.",
        "Here we have gone two months without rain.",
    ),
    (
        "She learned to swim before she could read.",
        "She could swim before she was able to read.",
        "Her reading came later than her swimming.",
        "First she learned to swim, and only then to read.",
    ),
    (
        "The shop sells only things made by hand.",
        "Everything that the shop sells is handmade.",
        "You can buy nothing but handmade goods in the shop.",
        "Only handmade goods are sold in the shop.",
    ),
    (
        "Nobody knew where the key was.",
        "The place of the key was known to no one.",
        "No one could say where the key was.",
        "Where the key was, nobody knew.",
    ),
    (
        "The price of bread has doubled in a year.",
        "Bread costs twice as much as a year ago.",
        "Within a year bread has become twice as expensive.",
        "A year ago bread cost half as much as it does now.",
    ),
)

CONTINUATION = (
    "That is what I wrote down in my notebook before I went home, and later I told it to the "
    "others who had asked me about it."
)
"""Read after every prompt: the hidden states at its tokens are the amplitude of the prompt."""


def prompts() -> tuple[str, ...]:
    """All of them, each once."""
    framed = [frame[tense, number] for frame in FRAMES for tense in range(3) for number in (0, 1)]
    return tuple(dict.fromkeys([*framed, *sum(TRANSLATIONS + PARAPHRASES, ())]))


def loops() -> dict[str, list[tuple[str, ...]]]:
    """Loops by kind: in wording, in language, in tense alone, in tense and number by turns."""
    return {
        "wording": list(PARAPHRASES),
        "language": list(TRANSLATIONS),
        "tense": [tuple(f[tense, n] for tense in range(3)) for f in FRAMES for n in (0, 1)],
        "tense x number": [(f[0, 0], f[0, 1], f[1, 1], f[1, 0]) for f in FRAMES],
    }

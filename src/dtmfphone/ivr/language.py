"""The words that the IVR adds to a script of its own accord, by language."""

from dataclasses import dataclass, field
from typing import Final

from dtmfphone.dtmf.keys import CODES


@dataclass(frozen=True)
class Language:
    """How keys are read, and what is asked when spoken words were not clear."""

    code: str
    """Two letters, as in ISO 639-1."""
    digits: tuple[str, str, str, str, str, str, str, str, str, str]
    """How 0 to 9 are read."""
    star: str
    pound: str
    nothing: str
    """How an empty variable is read."""
    yes: tuple[str, ...]
    """Words that agree, in small letters, the usual one first."""
    no: tuple[str, ...]
    """Words that refuse."""
    you_said: str
    """Said before what was understood."""
    you_entered: str
    """Said before keys that were pressed."""
    is_it_right: str
    """Said after it."""
    keys: dict[str, str] = field(init=False, repr=False, compare=False)
    """How each of the sixteen keys is read."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", dict(zip(CODES, (*self.digits, self.star, self.pound, *"ABCD"), strict=True)))


ENGLISH: Final = Language(
    code="en",
    digits=("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    star="star",
    pound="pound",
    nothing="nothing",
    yes=("yes", "yeah", "yep", "yup", "correct", "right", "yes thats right"),
    no=("no", "nope", "nah", "wrong", "incorrect", "not right"),
    you_said="You said:",
    you_entered="You entered:",
    is_it_right="If that is right, press 1 or say yes. To try again, press 2 or say no.",
)
LANGUAGES: Final = {
    language.code: language
    for language in (
        ENGLISH,
        Language(
            code="de",
            digits=("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
            star="Stern",
            pound="Raute",
            nothing="nichts",
            yes=("ja", "jawohl", "genau", "richtig", "stimmt", "das stimmt"),
            no=("nein", "falsch", "stimmt nicht", "das stimmt nicht"),
            you_said="Sie haben gesagt:",
            you_entered="Sie haben eingegeben:",
            is_it_right=(
                "Wenn das stimmt, drücken Sie die 1 oder sagen Sie ja. "
                "Um es noch einmal zu versuchen, drücken Sie die 2 oder sagen Sie nein."
            ),
        ),
        Language(
            code="es",
            digits=("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
            star="asterisco",
            pound="almohadilla",
            nothing="nada",
            yes=("sí", "si", "correcto", "exacto"),
            no=("no", "incorrecto"),
            you_said="Usted ha dicho:",
            you_entered="Usted ha marcado:",
            is_it_right="Si es correcto, pulse 1 o diga sí. Para intentarlo de nuevo, pulse 2 o diga no.",
        ),
        Language(
            code="fr",
            digits=("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
            star="étoile",
            pound="dièse",
            nothing="rien",
            yes=("oui", "exact", "correct"),
            no=("non", "faux", "incorrect"),
            you_said="Vous avez dit :",
            you_entered="Vous avez saisi :",
            is_it_right="Si c'est correct, appuyez sur 1 ou dites oui. Pour recommencer, appuyez sur 2 ou dites non.",
        ),
        Language(
            code="it",
            digits=("zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"),
            star="asterisco",
            pound="cancelletto",
            nothing="niente",
            yes=("sì", "si"),
            no=("no",),
            you_said="Ha detto:",
            you_entered="Ha digitato:",
            is_it_right="Se è corretto, prema 1 o dica sì. Per riprovare, prema 2 o dica no.",
        ),
        Language(
            code="nl",
            digits=("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"),
            star="sterretje",
            pound="hekje",
            nothing="niets",
            yes=("ja",),
            no=("nee",),
            you_said="U zei:",
            you_entered="U hebt ingetoetst:",
            is_it_right="Als dat klopt, druk op 1 of zeg ja. Om het opnieuw te proberen, druk op 2 of zeg nee.",
        ),
    )
}
"""By code."""


def language_of(voice: str) -> Language:
    """Return the words for a voice such as `en-gb` or `de+f2`; English ones where we have none of its language."""
    return LANGUAGES.get(voice.partition("+")[0].partition("-")[0].lower(), ENGLISH)

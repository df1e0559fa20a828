"""Free text of an engine beside the phrases that may be said."""

from dtmfphone.ivr.recognition import Grammar
from dtmfphone.ivr.spoken_digits import plain_words, spoken_keys, without_fillers


def meant(text: str, grammar: Grammar) -> str:
    """Return the phrase that a text is, or the text itself where it is spoken keys that may be said; else nothing."""
    for said in (plain_words(text), without_fillers(text, grammar.language)):
        for phrase in grammar.phrases:
            if said and said == plain_words(phrase):
                return phrase
    return text if grammar.digits and spoken_keys(text, grammar.language) is not None else ""

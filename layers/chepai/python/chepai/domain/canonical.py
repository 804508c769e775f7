"""The one way an identifier is brought into the form in which it is compared and stored."""

import re
import unicodedata

# Spaces of any width, dots of any height, dashes and underscores: what people and scanners put
# between groups. Format characters (category Cf) are invisible and come from copying.
_SEPARATORS = re.compile(r"[\s\-_.·•‧・‐-―−]+")


def canonical(text: str) -> str:
    """Full-width to ASCII (NFKC), upper case, separators and invisible characters removed."""
    form = text
    while True:
        wide = unicodedata.normalize("NFKC", form)
        if not wide.isascii():
            wide = "".join(each for each in wide if unicodedata.category(each) != "Cf")
        plain = _SEPARATORS.sub("", wide).upper()
        # What is left after removal may compose anew, but never in plain ASCII.
        if plain.isascii() or plain == form:
            return plain
        form = plain

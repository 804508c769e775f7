"""The number of a paper, as people enter it: it stands in the ledger, so it names nobody."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from chepai.domain.personal_data import reads_as_personal


def names_nobody(text: str) -> str:
    """The text itself. Raises PydanticCustomError when it holds an identity or mobile number."""
    if reads_as_personal(text):
        # Without the text: a problem never repeats what was sent.
        raise PydanticCustomError("personal_data", "an identity or mobile number")
    return text


Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]{1,64}$"), AfterValidator(names_nobody)]

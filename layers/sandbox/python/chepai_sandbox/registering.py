"""The simulated national register: the authority; what it has registered stays registered."""

import secrets
from typing import Any

from chepai.domain.pool import commitment
from chepai.edge.clock import now
from chepai.partners.directory import USUAL
from chepai.partners.national_register import (
    CancellationAsked,
    CertificateReplaced,
    RegistrationAsked,
    RegistrationCancelled,
    RegistrationQueried,
    RegistrationsAsked,
    RegistrationsStated,
    RegistrationUnknown,
    ReplacementAsked,
    SegmentClosed,
    SegmentOpened,
    SegmentsAsked,
    VehicleRefused,
    VehicleRegistered,
)
from chepai_sandbox import bookkeeping, synthetic
from chepai_sandbox.asked import Asked
from chepai_sandbox.story import Story
from chepai_sandbox.voice import Speaker
from chepai_sandbox.worlds import Row, Worlds

SEGMENTS = {
    "02": (("02-B-2K", "鲁B", "DDDDL", "ABCDEFGHJK"), ("02-U-7N", "鲁U", "DDDLD", "LMNPQRSTUV")),
    "52": (("52-B-D", "鲁B", "LDDDDD", "D"), ("52-B-F", "鲁B", "LDDDDD", "F")),
}


def answer(asked: Asked) -> None:
    if isinstance(asked.question, RegistrationsAsked):
        bookkeeping.state(asked, RegistrationsStated)
    else:
        _answer(asked)


def _answer(asked: Asked) -> None:
    match asked.question:
        case SegmentsAsked(plate_kind=plate_kind):
            for segment_id, prefix, pattern, letters in SEGMENTS.get(plate_kind, ()):
                _open(asked, segment_id, plate_kind, prefix, pattern, letters)
        case RegistrationAsked():
            _register(asked, "REGISTERED")
        case ReplacementAsked():
            _register(asked, "REPLACED")
        case RegistrationQueried():
            entry = asked.worlds.read(_key(asked))
            if entry is None:
                asked.say(RegistrationUnknown, application_id=asked.of("application_id"))
            else:
                _say(asked, entry)
        case CancellationAsked():
            entry = asked.worlds.read(_key(asked))
            if entry and entry["state"] == "REGISTERED":
                entry |= {"state": "CANCELLED"}
                asked.worlds.write(_key(asked), entry)
                _note(asked, entry)
                asked.worlds.write(f"registered#{entry['vin']}", {"by": ""})
            if entry:
                _say(asked, entry)


def close(segment_id: str, worlds: Worlds) -> None:
    """Close a segment and reveal its secret. Raises LookupError for one that was never opened."""
    segment = worlds.read(f"segment#{segment_id}")
    if segment is None:
        raise LookupError(segment_id)
    register = Speaker(USUAL["register"], "register", {}, now())
    register.say(SegmentClosed(segment_id=segment_id, secret=segment["secret"]))


def tell_again(story: Story, worlds: Worlds) -> None:
    """Let the register say once more, and rightly, what it has entered of a car.

    Raises LookupError when it has entered nothing.
    """
    held = worlds.read(f"registered#{story.vin}") or {}
    entry = worlds.read(f"registration#{held.get('by', '')}")
    if entry is None:
        raise LookupError(story.vin)
    story.script.get("register", {}).pop("wrong", None)
    words = ("application_id", "vin", "plate_no", "certificate_no", "registered_at")
    said = {"reply_to": entry["asked"], **{name: entry[name] for name in words}}
    register = story.speaker(USUAL["register"], "register")
    register.say(VehicleRegistered.model_validate(said))


def _register(asked: Asked, state: str) -> None:
    application_id, vin = asked.of("application_id"), asked.of("vin")
    wanted = {
        "application_id": application_id,
        "vin": vin,
        "plate_no": asked.of("plate_no"),
        "certificate_no": f"37{synthetic.digits(10)}",
        "registered_at": _now(),
        "asked": asked.question.request_id,
        "state": state,
    }
    if reason := asked.script.get("refuse") or _already(asked, state):
        wanted |= {"state": "REFUSED", "reason": reason}
    # The application is the key: asked again, the first entry answers.
    entry, is_new = asked.worlds.write_once(_key(asked), wanted)
    if is_new:
        _note(asked, entry)
    if is_new and entry["state"] == "REGISTERED":
        asked.worlds.write(f"registered#{vin}", {"by": application_id})
    if not asked.script.get("lose_answer"):
        _say(asked, entry)


def _note(asked: Asked, entry: Row) -> None:
    words = ("application_id", "vin", "plate_no", "certificate_no")
    bookkeeping.note(
        asked.worlds, asked.partner, entry["state"], **{name: entry[name] for name in words}
    )


def _already(asked: Asked, state: str) -> str:
    """One registration per vehicle, and none to replace where there is none."""
    held = (asked.worlds.read(f"registered#{asked.of('vin')}") or {}).get("by", "")
    if state == "REGISTERED" and held not in {"", asked.of("application_id")}:
        return "ALREADY-REGISTERED"
    return ""


def _say(asked: Asked, entry: Row) -> None:
    key = {"application_id": entry["application_id"]}
    words: dict[str, Any] = {
        name: entry[name] for name in ("vin", "plate_no", "certificate_no", "registered_at")
    }
    match entry["state"]:
        case "REGISTERED":
            asked.say(VehicleRegistered, **key, **words)
        case "REPLACED":
            asked.say(CertificateReplaced, **key, **words)
        case "CANCELLED":
            asked.say(RegistrationCancelled, **key)
        case _:
            asked.say(VehicleRefused, **key, reason=entry["reason"])


def _open(
    asked: Asked, segment_id: str, plate_kind: str, prefix: str, pattern: str, letters: str
) -> None:
    secret = secrets.token_bytes(32)
    segment, _ = asked.worlds.write_once(
        f"segment#{segment_id}",
        {"secret": secret.hex(), "randomness": secrets.token_hex(16), "opens_at": _now()},
    )
    asked.say(
        SegmentOpened,
        segment_id=segment_id,
        plate_kind=plate_kind,
        prefix=prefix,
        pattern=pattern,
        letters=letters,
        commitment=commitment(bytes.fromhex(segment["secret"])),
        randomness=segment["randomness"],
        secret=segment["secret"],
        opens_at=segment["opens_at"],
    )


def _now() -> str:
    return now().isoformat()


def _key(asked: Asked) -> str:
    return f"registration#{asked.of('application_id')}"

"""Simulated plate maker, print room, courier, message gateway and lender."""

from datetime import timedelta
from typing import Any

from chepai.edge.clock import now
from chepai.partners.courier import (
    ParcelAttemptFailed,
    ParcelCancelled,
    ParcelCollected,
    ParcelDelivered,
    ParcelLost,
    ParcelOnTheWay,
    ParcelOrdered,
    ParcelReturned,
)
from chepai.partners.directory import USUAL
from chepai.partners.lender import CosignatureAsked, CosignatureGiven, CosignatureRefused
from chepai.partners.message import Statement
from chepai.partners.message_gateway import SmsAccepted, SmsDelivered, SmsFailed
from chepai.partners.plate_maker import (
    OrderQueried,
    OrdersAsked,
    OrdersStated,
    PapersFailed,
    PapersPrinted,
    PlatesFailed,
    PlatesMade,
)
from chepai_sandbox import bookkeeping, synthetic
from chepai_sandbox.asked import Asked, answer_from_record
from chepai_sandbox.worlds import Row

STEP_SECONDS = 1
ATTEMPTS_BEFORE_RETURN = 2

_Step = tuple[type[Statement], dict[str, int | bool]]


def make_or_print(asked: Asked) -> None:
    if isinstance(asked.question, OrdersAsked):
        bookkeeping.state(asked, OrdersStated)
        return
    order = {"application_id": asked.of("application_id"), "order_no": asked.of("order_no")}
    key = f"made#{asked.partner}#{order['order_no']}"
    if isinstance(asked.question, OrderQueried):
        if known := asked.worlds.read(key):
            _say_made(asked, order, known)
        return
    act, blanks = ("FAILED", 1) if asked.first("fail_first") else ("MADE", 2)
    wanted = {"act": act, "serials": [f"SB{synthetic.digits(8)}" for _ in range(blanks)]}
    made, is_new = asked.worlds.write_once(key, wanted)
    if is_new:
        bookkeeping.note(asked.worlds, asked.partner, made["act"], **order)
    if not asked.script.get("lose_answer"):
        _say_made(asked, order, made)


def _say_made(asked: Asked, order: dict[str, Any], made: Row) -> None:
    plates = asked.kind == "plate_maker"
    said = {
        "MADE": PlatesMade if plates else PapersPrinted,
        "FAILED": PlatesFailed if plates else PapersFailed,
    }
    asked.say(said[made["act"]], **order, serials=made["serials"])


def send_parcel(asked: Asked) -> None:
    order = f"parcel#{asked.of('order_no')}#{asked.of('parcel')}"
    if isinstance(asked.question, ParcelCancelled):
        asked.worlds.write(order, {"called_off": True})
        return
    if isinstance(asked.question, ParcelOrdered):
        parcel, is_new = asked.worlds.write_once(order, {"waybill": f"1{synthetic.digits(12)}"})
        if not is_new:
            return
        steps = _journey(asked)
        parcel["journey"] = [state.TYPE for state, _ in steps]
        asked.worlds.write(order, parcel)
    else:
        parcel = asked.worlds.read(order) or {}
        # Traced: what was to be told is told again, the end of the journey only.
        steps = [each for each in _ALL_STEPS if parcel.get("journey", [""])[-1] == each[0].TYPE]
    pace = float(asked.script.get("step", STEP_SECONDS))
    for place, (state, words) in enumerate(steps):
        # Out of order: what happened first arrives last.
        turn = len(steps) - place if asked.script.get("out_of_order") else place
        asked.say(
            state,
            at=now() + timedelta(seconds=place * pace),
            after=turn * pace,
            application_id=asked.of("application_id"),
            order_no=asked.of("order_no"),
            parcel=asked.of("parcel"),
            waybill=parcel["waybill"],
            **words,
        )


def _journey(asked: Asked) -> list[_Step]:
    steps: list[_Step] = [(ParcelCollected, {}), (ParcelOnTheWay, {})]
    if asked.first("lost"):
        return [*steps, (ParcelLost, {})]
    returned = asked.first("returned")
    attempts = ATTEMPTS_BEFORE_RETURN if returned else int(asked.script.get("attempts", 0))
    steps += [(ParcelAttemptFailed, {"attempts": n}) for n in range(1, attempts + 1)]
    if returned:
        return [*steps, (ParcelReturned, {"attempts": attempts})]
    shown = not asked.script.get("identity_not_shown", False)
    return [*steps, (ParcelDelivered, {"identity_shown": shown, "attempts": attempts + 1})]


_ALL_STEPS: tuple[_Step, ...] = (
    (ParcelLost, {}),
    (ParcelReturned, {"attempts": ATTEMPTS_BEFORE_RETURN}),
    (ParcelDelivered, {"identity_shown": True, "attempts": 1}),
)


def send_sms(asked: Asked) -> None:
    message = {name: asked.of(name) for name in ("message_id", "application_id", "template")}
    # "fail" is the first supplier's; "fail_all" every supplier's.
    fails = asked.script.get("fail") and asked.partner == USUAL["message_gateway"]
    asked.say(SmsAccepted, **message)
    end = SmsFailed if fails or asked.script.get("fail_all") else SmsDelivered
    asked.say(end, after=STEP_SECONDS, **message)


def lend(asked: Asked) -> None:
    if not isinstance(asked.question, CosignatureAsked):
        answer_from_record(asked)
        return
    refused = asked.script.get("refuse_cosignature")
    asked.say(
        CosignatureRefused if refused else CosignatureGiven,
        application_id=asked.of("application_id"),
        vin=asked.of("vin"),
    )

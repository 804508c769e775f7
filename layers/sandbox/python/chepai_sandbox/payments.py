"""The simulated payment gateway: an order, a citizen who pays it, and the truth when asked."""

from typing import Any

from chepai.partners.directory import USUAL
from chepai.partners.payment_gateway import (
    PaymentCancelled,
    PaymentClosed,
    PaymentDeclined,
    PaymentOpen,
    PaymentOrdered,
    PaymentPaid,
    PaymentQueried,
    PaymentRefunded,
    PaymentsAsked,
    PaymentsStated,
    PaymentTaken,
    RefundOrdered,
)
from chepai_sandbox import bookkeeping, synthetic
from chepai_sandbox.asked import Asked
from chepai_sandbox.http import Busy, NotPossible
from chepai_sandbox.story import Story
from chepai_sandbox.worlds import Row, Worlds

_TRUTH = {
    "PAID": PaymentPaid,
    "REFUNDED": PaymentRefunded,
    "DECLINED": PaymentDeclined,
    "CANCELLED": PaymentClosed,
}


def answer(asked: Asked) -> None:
    if isinstance(asked.question, PaymentsAsked):
        bookkeeping.state(asked, PaymentsStated)
    else:
        _answer(asked)


def _answer(asked: Asked) -> None:
    payment_id = asked.of("payment_id")
    key = f"order#{payment_id}"
    match asked.question:
        case PaymentOrdered(amount_fen=amount, vin=vin):
            order = {
                "payment_id": payment_id,
                "order_no": f"SB{synthetic.digits(16)}",
                "amount_fen": amount,
                "state": "OPEN",
                "partner": asked.partner,
                "vin": vin,
            }
            _, is_new = asked.worlds.write_once(key, order)
            if is_new and asked.script.get("auto"):
                pay(payment_id, asked.worlds)
        case PaymentTaken(amount_fen=amount):
            _take(asked, key, amount)
        case PaymentQueried():
            order = asked.worlds.read(key) or {}
            # An order that never arrived has nothing to tell.
            if order:
                asked.say(_TRUTH.get(order["state"], PaymentOpen), **_words(order))
        case PaymentCancelled():
            _close(asked, key)
        case RefundOrdered(amount_fen=amount, paid_fen=paid):
            order = asked.worlds.read(key) or {"state": "UNKNOWN"}
            if order["state"] == "PAID" and paid == order["amount_fen"] >= amount:
                order |= {"state": "REFUNDED"}
                asked.worlds.write(key, order)
                _note(asked.worlds, order, amount_fen=amount)
            if order["state"] == "REFUNDED" and not asked.script.get("lose_refund"):
                asked.say(PaymentRefunded, **_words(order) | {"amount_fen": amount})


def _take(asked: Asked, key: str, amount: int) -> None:
    """A till took the fee: the order is paid, and an order that comes after it is waited for."""
    order = asked.worlds.read(key)
    if order is None:
        raise Busy
    if order["state"] in {"OPEN", "DECLINED"} and order["amount_fen"] == amount:
        order |= {"state": "PAID"}
        asked.worlds.write(key, order)
        _note(asked.worlds, order)
    asked.say(_TRUTH.get(order["state"], PaymentOpen), **_words(order))


def _close(asked: Asked, key: str) -> None:
    # An order that was never opened is closed all the same, so that it cannot be opened late.
    unknown = {"payment_id": asked.of("payment_id"), "order_no": "NONE", "amount_fen": 0}
    order = asked.worlds.read(key) or unknown | {"state": "OPEN"}
    was_paid = order["state"] == "PAID"
    order["state"] = "REFUNDED" if order["state"] in {"PAID", "REFUNDED"} else "CANCELLED"
    asked.worlds.write(key, order)
    if was_paid:
        _note(asked.worlds, order)
    end = PaymentRefunded if order["state"] == "REFUNDED" else PaymentClosed
    asked.say(end, **_words(order))


NOT_YET = "NOT_YET"


def pay_when_known(payment_id: str, worlds: Worlds) -> str:
    """As `pay`, and NOT_YET for an order that the gateway has not heard of: a page asks again."""
    try:
        return pay(payment_id, worlds)
    except LookupError:
        return NOT_YET


def pay(payment_id: str, worlds: Worlds) -> str:
    """The citizen pays an open order: PAID or DECLINED, and the gateway calls back.

    Raises LookupError for an unknown order, NotPossible for one that is closed.
    """
    key = f"order#{payment_id}"
    order = worlds.read(key)
    if order is None:
        raise LookupError(payment_id)
    if order["state"] not in {"OPEN", "DECLINED", "PAID"}:
        raise NotPossible(f"the order is {order['state'].lower()}")
    if order["state"] == "PAID":
        return "PAID"
    car = worlds.car(order["vin"]) if order.get("vin") else None
    story = Story(car or {"vin": "", "made_at": "2026-01-01T00:00:00+00:00"})
    gateway = story.speaker(order["partner"], "payment")
    declined = worlds.count(payment_id, "paying") <= int(gateway.script.get("decline_first", 0))
    order["state"] = "DECLINED" if declined else "PAID"
    worlds.write(key, order)
    if not declined:
        _note(worlds, order)
    if not (order["state"] == "PAID" and gateway.script.get("lose_callback")):
        gateway.say(_TRUTH[order["state"]].model_validate(_words(order)))
    return str(order["state"])


def _note(worlds: Worlds, order: Row, **other: int) -> None:
    bookkeeping.note(
        worlds, order.get("partner", USUAL["payment"]), order["state"], **_words(order) | other
    )


def _words(order: Row) -> dict[str, Any]:
    return {name: order[name] for name in ("payment_id", "order_no", "amount_fen")}

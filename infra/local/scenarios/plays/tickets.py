"""What people ask and complain about: from the app and the phone to a call back."""

from typing import Any

from infra.local.scenarios.owner import Owner
from infra.local.scenarios.staff import Staff
from infra.local.scenarios.stage import Scenario, Stage
from infra.local.scenarios.wire import Refused, Wire


class Desk(Staff):
    """A member of staff who works on tickets."""

    def reads(self, ticket_id: str) -> dict[str, Any]:
        seen: dict[str, Any] = self.wire.get(f"/v1/staff/tickets/{ticket_id}")
        return seen

    def works(self, ticket_id: str, what: str, **said: Any) -> None:
        version = self.reads(ticket_id)["version"]
        self.wire.post(f"/v1/staff/tickets/{ticket_id}/{what}", {**said, "version": version})
        self.stage.tell(f"staff: {what}")

    def finds(self, view: str) -> list[str]:
        rows = self.wire.get(f"/v1/staff/tickets?view={view}")["tickets"]
        return [str(each["ticket_id"]) for each in rows]


def refused(line: Wire, path: str, body: Any = None) -> int:
    """The status of a refusal; 0 when it was none."""
    try:
        line.post(path, body) if body is not None else line.get(path)
    except Refused as no:
        return no.status
    return 0


def hotline_complaint(stage: Stage) -> str:
    """One owner complains in the app and asks on the phone; a bad rating is called back."""
    owner = Owner(stage, stage.sandbox.car())
    case = owner.registers()
    said = {
        "kind": "complaint",
        "about": "waiting",
        "application_id": case,
        "text": "等了很久没有人理",
    }
    mine = owner.wire.post("/v1/me/tickets", said)["ticket"]
    ticket = str(mine["ticket_id"])
    stage.tell(f"complained: answered by {mine['due_on']}")
    stage.check("the promise is the city's own", mine["rule"]["rule_id"] == "tickets.ordinary")

    first = Desk(stage, "hotline", f"sta_hotline_a_{ticket[-6:]}")
    stage.check("nobody holds it", ticket in first.finds("unassigned"))
    stage.check("who does not hold it opens nothing", "words" not in first.reads(ticket))
    first.works(ticket, "claim")
    stage.check("who holds it reads it", first.reads(ticket)["words"][0]["text"] == said["text"])
    first.works(ticket, "answer", text="已收到，正在核实。", final=False)
    first.works(ticket, "extension", because="ANOTHER_AGENCY", text="需要税务部门答复。")
    seen = owner.wire.get(f"/v1/me/tickets/{ticket}")
    days = seen["extended"]
    stage.check("the owner sees the new day", days["from_day"] < days["to_day"] == seen["due_on"])
    first.works(ticket, "answer", text="税务信息已到，申请已继续办理。", final=True)
    owner.wire.post(f"/v1/me/tickets/{ticket}/rating", {"score": 1, "text": "还是太慢"})
    stage.tell("rated it 1")
    path = f"/v1/staff/tickets/{ticket}"
    stage.check("who answered does not call back", refused(first.wire, path) == 404)
    second = Desk(stage, "hotline", f"sta_hotline_b_{ticket[-6:]}")
    second.works(ticket, "claim")
    second.works(ticket, "closure", ending="called_back", text="已电话说明并致歉。")
    stage.check("the call back ends it",
                owner.wire.get(f"/v1/me/tickets/{ticket}")["state"] == "closed")  # fmt: skip

    asked = {"channel": "phone", "kind": "consult", "application_id": case,
             "text": "车牌什么时候到", "answer": "办结后三天内送达。"}  # fmt: skip
    phone = second.wire.post("/v1/staff/tickets", asked)["ticket"]
    stage.check("the phone answers at once", phone["state"] == "answered", phone["state"])

    looked = owner.wire.get("/v1/me/accesses")["accesses"]
    officer = next(each["receiver"]["officer"] for each in looked
                   if each["receiver"]["role"] == "hotline")  # fmt: skip
    about = {"kind": "complaint", "about": "staff", "officer": officer, "text": "态度不好"}
    against = str(owner.wire.post("/v1/me/tickets", about)["ticket"]["ticket_id"])
    who = [each for each in (first, second) if against not in each.finds("unassigned")]
    stage.check("a complaint never comes to whoever it is about", len(who) == 1, len(who))
    owner.wire.post(f"/v1/me/tickets/{against}/withdrawal")

    supervisor = Desk(stage, "supervisor")
    figures = supervisor.wire.get("/v1/staff/ticket-figures")["total"]
    stage.check("all of it is counted", figures["called_back"] >= 1, figures)
    stage.check("answers were on time", figures["on_time_percent"] == 100, figures)
    return str(owner.reaches("closed")["status"])


SCENARIOS = (Scenario("hotline-complaint", "closed", hotline_complaint),)

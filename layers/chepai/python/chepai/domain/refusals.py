"""Every way the office says no to a request, with a stable code that is never renumbered.

Numbering: VR-1xx the message itself, 2xx who is asking, 3xx the application, 4xx numbers,
5xx money, 6xx appointments and delivery, 7xx one's own data, 8xx supervision (86x tickets),
9xx trouble of ours. Title and detail are in the catalogue (`problems.json`) under the code.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldProblem:
    """One field that cannot be taken as sent: where it is and the stable code of why."""

    field: str
    code: str


class Refusal(Exception):
    """A request refused for a reason the caller can understand and mostly mend.

    `values` fill the placeholders of the catalogue's detail and never hold personal data.
    """

    code: ClassVar[str]
    status: ClassVar[int]

    def __init__(
        self,
        *,
        field: str | None = None,
        fields: tuple[FieldProblem, ...] = (),
        **values: str | int,
    ) -> None:
        self.field = field
        self.fields = fields
        self.values = values
        super().__init__(self.code)


class BodyMalformed(Refusal):
    """The body is not strict JSON: broken, not UTF-8, a duplicate key, NaN, or too deep."""

    code = "VR-101"
    status = 400


class BodyTooLarge(Refusal):
    """The body is longer than this interface takes."""

    code = "VR-102"
    status = 413


class FieldInvalid(Refusal):
    """One or more fields cannot be taken as sent; all of them are told at once."""

    code = "VR-103"
    status = 422

    def __init__(self, *fields: FieldProblem, **values: str | int) -> None:
        first = fields[0].field if fields else None
        super().__init__(field=first, fields=tuple(fields), **values)


class IdempotencyKeyMissing(Refusal):
    """What creates or pays needs an Idempotency-Key."""

    code = "VR-104"
    status = 400


class IdempotencyKeyReused(Refusal):
    """The key was used before with another body."""

    code = "VR-105"
    status = 422


class StillRunning(Refusal):
    """The same request is being worked on at this moment."""

    code = "VR-106"
    status = 409


class RouteUnknown(Refusal):
    """There is nothing at this address."""

    code = "VR-107"
    status = 404


class MediaTypeUnsupported(Refusal):
    """Only JSON is taken here."""

    code = "VR-108"
    status = 415


class TooManyRequests(Refusal):
    """More requests than one person or partner may send; `seconds` says when to try again."""

    code = "VR-109"
    status = 429


class VersionConflict(Refusal):
    """The record changed since the caller read it."""

    code = "VR-110"
    status = 409


class MessageIdReused(Refusal):
    """A partner sent another text under the id of an earlier message."""

    code = "VR-111"
    status = 409


class PreconditionFailed(Refusal):
    """The record is not as the If-Match of the request says."""

    code = "VR-112"
    status = 412


class NotSignedIn(Refusal):
    """No valid sign-in came with the request."""

    code = "VR-201"
    status = 401


class NotPermitted(Refusal):
    """The caller's role may not do this."""

    code = "VR-202"
    status = 403


class SignatureStale(Refusal):
    """The message was signed too long ago, or in the future."""

    code = "VR-203"
    status = 401


class SignatureForged(Refusal):
    """No signature on the message is by a key of this partner."""

    code = "VR-204"
    status = 401


class PartnerUnknown(Refusal):
    """No partner of this kind is known by this name; answered like a forged signature."""

    code = "VR-205"
    status = 401


class NotYoursToSay(Refusal):
    """The partner may not speak about this subject, as a maker about another maker's car."""

    code = "VR-206"
    status = 403


class IdentityTooWeak(Refusal):
    """The way the person signed in does not suffice for this act."""

    code = "VR-207"
    status = 403


class IdentityUnknown(Refusal):
    """The person signed in, but the police have not yet told us who they are."""

    code = "VR-208"
    status = 403


class RolesCombined(Refusal):
    """Roles that nobody may hold together: two administrators, or staff and citizen at once."""

    code = "VR-209"
    status = 403


class ApplicationUnknown(Refusal):
    """There is no such application, or it is another person's: the answer is the same."""

    code = "VR-301"
    status = 404


class NotYours(ApplicationUnknown):
    """Another person's application; told exactly like an unknown one, so ids cannot be probed."""


class AlreadyOpen(Refusal):
    """One car can have one open case; the other one must end first."""

    code = "VR-302"
    status = 409


class NotWaitingForThis(Refusal):
    """The application is not at the point where this act is possible."""

    code = "VR-303"
    status = 409


class TooLate(Refusal):
    """The vehicle is registered: from here the case only goes forward."""

    code = "VR-304"
    status = 409


class BannedFromApplying(Refusal):
    """A ban for deceit still runs (R164 Arts 80 and 81); `until` is its last day."""

    code = "VR-305"
    status = 403


class VehicleAlreadyRegistered(Refusal):
    """The vehicle is in the register already."""

    code = "VR-306"
    status = 409


class BeingRegistered(Refusal):
    """The register has been asked and has not answered; its answer decides what is possible."""

    code = "VR-307"
    status = 409


class OnlyDisputable(Refusal):
    """An agency's fact cannot be edited, only disputed."""

    code = "VR-308"
    status = 409


class AgentNotAllowed(Refusal):
    """The act is the owner's own (R164 Art. 86)."""

    code = "VR-309"
    status = 403


class OwnAct(Refusal):
    """Nobody reviews what they did themselves."""

    code = "VR-310"
    status = 403


class OwnCase(Refusal):
    """Staff neither read nor work on what is their own; a colleague does."""

    code = "VR-210"
    status = 403


class ServiceNotOffered(Refusal):
    """The city does not offer this service, or not to this applicant."""

    code = "VR-311"
    status = 409


class VehicleUnknown(Refusal):
    """There is no such vehicle, or it is another person's: the answer is the same."""

    code = "VR-312"
    status = 404


class CounterCodeUnknown(Refusal):
    """No open case has this counter code, or its time is over."""

    code = "VR-313"
    status = 404


class PowerUnknown(Refusal):
    """No power of attorney that runs covers this; the same for a person that nobody is."""

    code = "VR-314"
    status = 403


class AgentHasTooMany(Refusal):
    """An agent acts for so many people a year and no more (R164 Art. 83)."""

    code = "VR-315"
    status = 409


class NumberTaken(Refusal):
    """Another person holds the number."""

    code = "VR-401"
    status = 409


class HoldLapsed(Refusal):
    """The time to use the offer or the reserved number is over."""

    code = "VR-402"
    status = 410


class NoChoicesLeft(Refusal):
    """All the tries of this case are used up."""

    code = "VR-403"
    status = 409


class NoNumbersLeft(Refusal):
    """The open segments have no free number at this moment."""

    code = "VR-404"
    status = 409


class NumberNotOffered(Refusal):
    """The number is not among those offered to this person."""

    code = "VR-405"
    status = 409


class HoldingAnother(Refusal):
    """One person and one vehicle hold one number at a time."""

    code = "VR-406"
    status = 409


class SelectionBarred(Refusal):
    """A reserved number was left to lapse; choosing online is closed until `until`."""

    code = "VR-407"
    status = 403


class DealsNotShown(Refusal):
    """There is no closed segment of this name; the deals of an open one are not public yet."""

    code = "VR-408"
    status = 404


class PaymentUnknown(Refusal):
    """There is no such payment, or it is another person's: the answer is the same."""

    code = "VR-501"
    status = 404


class AlreadyPaid(Refusal):
    """The fee is paid; nothing is charged twice."""

    code = "VR-502"
    status = 409


class SlotTaken(Refusal):
    """The inspection slot was booked by someone else a moment ago."""

    code = "VR-601"
    status = 409


class SlotUnknown(Refusal):
    """There is no such inspection slot."""

    code = "VR-602"
    status = 404


class RecordingMissing(Refusal):
    """An inspection without its recording is no inspection (R164 Art. 73)."""

    code = "VR-603"
    status = 422


class TemporaryPlatesUsedUp(Refusal):
    """Before registration a temporary plate is issued three times at most (R164 Art. 46)."""

    code = "VR-604"
    status = 409


class NoPolicyForTheseDays(Refusal):
    """No compulsory policy covers the days of the temporary plate."""

    code = "VR-605"
    status = 409


class AddressMissing(Refusal):
    """Nobody can bring plates and papers to an address that was not given."""

    code = "VR-606"
    status = 409


class AccessUnknown(Refusal):
    """There is no such access to one's data that may be told of."""

    code = "VR-701"
    status = 404


class DataRequestUnknown(Refusal):
    """There is no such request about data, or it is another person's: the answer is the same."""

    code = "VR-702"
    status = 404


class NotToAnswer(Refusal):
    """The request is answered, or this answer does not fit it; nobody decides an appeal twice."""

    code = "VR-703"
    status = 409


class NotToAppeal(Refusal):
    """There is no refusal to appeal, or it was appealed before."""

    code = "VR-704"
    status = 409


class ConsentNotNeeded(Refusal):
    """Nothing is asked by consent under this name: what the law demands needs none."""

    code = "VR-705"
    status = 404


class DeceasedUnknown(Refusal):
    """Nobody with this ID number is known who is recorded as deceased."""

    code = "VR-706"
    status = 404


class SessionOver(Refusal):
    """No session runs for this person: it is over, another clerk's, or another person's."""

    code = "VR-220"
    status = 403


class ReadingUnknown(Refusal):
    """The police have not told of this reading of a card yet, or did so too long ago."""

    code = "VR-221"
    status = 409


class SessionOpen(Refusal):
    """The clerk serves somebody else: one person at a time."""

    code = "VR-222"
    status = 409


class ReadBackMissing(Refusal):
    """What is to be signed was not read out, or not signed by the person's own hand."""

    code = "VR-223"
    status = 409


class CaseNotFound(Refusal):
    """Number and identity do not name a case together: which of both is wrong is not told."""

    code = "VR-224"
    status = 404


class ClaimedByAnother(Refusal):
    """A colleague works on it until their claim ends."""

    code = "VR-225"
    status = 409


class RecheckUnknown(Refusal):
    """No such draw, or it did not hit this case."""

    code = "VR-801"
    status = 404


class FindingUnknown(Refusal):
    """There is no such finding, or it names another party: the answer is the same."""

    code = "VR-802"
    status = 404


class HeldByAnother(Refusal):
    """Another supervisor has this case on the desk, or nobody has claimed it."""

    code = "VR-803"
    status = 409


class AnswerPending(Refusal):
    """The party may still answer: nothing is decided over its head before the day."""

    code = "VR-804"
    status = 409


class NothingToReverse(Refusal):
    """The case was ended by its owner, or a finding over many cases names no single one."""

    code = "VR-805"
    status = 409


class ProposalUnknown(Refusal):
    """Nothing is proposed for this case, or the time of the proposal is over."""

    code = "VR-806"
    status = 404


class AlreadyProposed(Refusal):
    """Something waits for a second person already; it is decided or lapses first."""

    code = "VR-807"
    status = 409


class NobodyToRemind(Refusal):
    """The case waits for nobody's answer, or they were reminded a moment ago."""

    code = "VR-808"
    status = 409


class NothingSealed(Refusal):
    """The ledger has no checkpoint yet."""

    code = "VR-850"
    status = 404


class SizeUnknown(Refusal):
    """The sealed ledger has not had that many entries, or the sizes are the wrong way round."""

    code = "VR-851"
    status = 404


class TicketUnknown(Refusal):
    """There is no such ticket, or it is not the caller's to see: the answer is the same."""

    code = "VR-861"
    status = 404


class TicketNotWaiting(Refusal):
    """What was asked does not fit the ticket as it stands."""

    code = "VR-862"
    status = 409


class TicketHeldByAnother(Refusal):
    """Somebody else holds the ticket, or nobody has claimed it."""

    code = "VR-863"
    status = 409


class NotToExtend(Refusal):
    """More time was given before, is asked for too late, or a law fixes the day."""

    code = "VR-864"
    status = 409


class QueueUnknown(Refusal):
    """There are no dead letters of that name, or they are of a kind that is not sent again."""

    code = "VR-871"
    status = 404


class Unforeseen(Refusal):
    """Something of ours broke; nothing is told and everything is logged."""

    code = "VR-900"
    status = 500


class Unavailable(Refusal):
    """Something we need does not answer; the same request may be sent again."""

    code = "VR-901"
    status = 503

"""Who may call what: one row a route, denied by default.

A route takes its roles from its row when it is declared, so one without a row cannot be built or
started. The roles are the scopes of a token and are enforced twice: by the gateway and by `edge`.
"""

from collections.abc import Mapping

CITIZEN = "citizen"
AGENT = "agent"
"""Somebody with a power of attorney, for the cases of those who gave it and no others."""
CLERK = "clerk"
REVIEWER = "reviewer"
OFFICER = "officer"
INSPECTOR = "inspector"
HOTLINE = "hotline"
OPERATOR = "operator"
SUPERVISOR = "supervisor"
SYSTEM_ADMIN = "system_admin"
SECURITY_ADMIN = "security_admin"
AUDIT_ADMIN = "audit_admin"
PARTNER = "partner"
"""A connected system: it signs its messages and carries no token."""

ADMINISTRATORS = frozenset({SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN})
"""Never two in one pair of hands, nor one with another role of staff (GB/T 22239-2019, level 3)."""
STAFF = ADMINISTRATORS | {CLERK, REVIEWER, OFFICER, INSPECTOR, HOTLINE, OPERATOR, SUPERVISOR}
PEOPLE = frozenset({CITIZEN, AGENT})
TOKENS = PEOPLE | STAFF
"""Every role that a token can carry. The system itself acts without one, by its functions."""

Roles = tuple[str, ...]

_ALL: Roles = ()
_OWNER: Roles = (CITIZEN,)
_OWNER_OR_AGENT: Roles = (CITIZEN, AGENT)
_DESKS: Roles = (CLERK, REVIEWER, OFFICER, INSPECTOR, OPERATOR)
_SIGNED: Roles = (PARTNER,)
_SUPERVISION: Roles = (SUPERVISOR, AUDIT_ADMIN)
_TICKETS: Roles = (CLERK, HOTLINE, OPERATOR, SUPERVISOR, AUDIT_ADMIN)
_FIGURES: Roles = (OPERATOR, SUPERVISOR, AUDIT_ADMIN)
_OPERATION: Roles = (OPERATOR, SUPERVISOR)

ROUTES: Mapping[str, Roles] = {
    "$default": _ALL,
    "GET /docs": _ALL,
    "GET /docs/problems": _ALL,
    "GET /openapi.json": _ALL,
    # Before anybody signs in.
    "GET /v1/city": _ALL,
    "GET /v1/city/figures": _ALL,
    "GET /v1/ledger/checkpoint": _ALL,
    "GET /v1/ledger/consistency": _ALL,
    "GET /v1/links": _ALL,
    "GET /v1/manufacturers": _ALL,
    "GET /v1/number-segments": _ALL,
    "GET /v1/number-segments/{segment_id}/deals": _ALL,
    "GET /v1/services": _ALL,
    "GET /v1/services/{service}": _ALL,
    "POST /v1/eligibility-checks": _ALL,
    # What is the person's own.
    "GET /v1/me": _OWNER,
    "GET /v1/me/invoices": _OWNER,
    "GET /v1/me/messages": _OWNER,
    "GET /v1/me/vehicles": _OWNER,
    # One's own data and who looked at it: the right is the person's, never an agent's.
    "GET /v1/me/accesses": _OWNER,
    "POST /v1/me/accesses/{access_id}/question": _OWNER,
    "GET /v1/me/data": _OWNER,
    "GET /v1/me/data-requests": _OWNER,
    "POST /v1/me/data-requests/{request_id}/appeal": _OWNER,
    "POST /v1/me/erasure": _OWNER,
    "POST /v1/me/restriction": _OWNER,
    "PUT /v1/me/consents/{purpose}": _OWNER,
    # What one asks and complains about; an agent's power is for cases.
    "GET /v1/me/tickets": _OWNER,
    "POST /v1/me/tickets": _OWNER,
    "GET /v1/me/tickets/{ticket_id}": _OWNER,
    "POST /v1/me/tickets/{ticket_id}/messages": _OWNER,
    "POST /v1/me/tickets/{ticket_id}/rating": _OWNER,
    "POST /v1/me/tickets/{ticket_id}/withdrawal": _OWNER,
    "GET /v1/me/powers-of-attorney": _OWNER,
    "POST /v1/me/powers-of-attorney": _OWNER,
    "DELETE /v1/me/powers-of-attorney/{agent_id}": _OWNER,
    # An application, from filing to the parcel. What R164 Art. 86 keeps for the owner, and what
    # is of the owner's own will or says where they live, is not an agent's; an agent says in
    # On-Behalf-Of for whom, and that person's power of attorney decides.
    "GET /v1/applications": _OWNER,
    "POST /v1/new-car-registrations": _OWNER_OR_AGENT,
    "POST /v1/certificate-reissues": _OWNER,
    "GET /v1/applications/{application_id}": _OWNER_OR_AGENT,
    "GET /v1/applications/{application_id}/progress": _OWNER_OR_AGENT,
    "GET /v1/applications/{application_id}/receipt": _OWNER_OR_AGENT,
    "GET /v1/applications/{application_id}/evidence": _OWNER,
    "POST /v1/applications/{application_id}/signature": _OWNER_OR_AGENT,
    "PATCH /v1/applications/{application_id}/entries": _OWNER_OR_AGENT,
    "POST /v1/applications/{application_id}/disputes": _OWNER,
    "POST /v1/applications/{application_id}/rechecks": _OWNER,
    "POST /v1/applications/{application_id}/reviews": _OWNER,
    "POST /v1/applications/{application_id}/withdrawal": _OWNER,
    "POST /v1/applications/{application_id}/counter-codes": _OWNER,
    "GET /v1/applications/{application_id}/offers": _OWNER_OR_AGENT,
    "POST /v1/applications/{application_id}/offers": _OWNER_OR_AGENT,
    "PUT /v1/applications/{application_id}/number": _OWNER_OR_AGENT,
    "POST /v1/applications/{application_id}/payments": _OWNER_OR_AGENT,
    "GET /v1/inspection-slots": _OWNER,
    "POST /v1/applications/{application_id}/inspection-appointment": _OWNER_OR_AGENT,
    "PUT /v1/applications/{application_id}/inspection-appointment": _OWNER_OR_AGENT,
    "DELETE /v1/applications/{application_id}/inspection-appointment": _OWNER_OR_AGENT,
    "PUT /v1/applications/{application_id}/delivery-address": _OWNER,
    "POST /v1/applications/{application_id}/temporary-plates": _OWNER,
    "POST /v1/applications/{application_id}/rating": _OWNER,
    # Counters, desks, hotline and supervision.
    "GET /v1/staff/applications": _DESKS,
    "GET /v1/staff/applications/{application_id}": (*_DESKS, SUPERVISOR),
    "GET /v1/staff/applications/{application_id}/evidence": _SUPERVISION,
    "POST /v1/staff/applications/{application_id}/hand-over": (CLERK,),
    "POST /v1/staff/applications/{application_id}/inspection": (INSPECTOR,),
    "POST /v1/staff/applications/{application_id}/officer-decision": (OFFICER,),
    "POST /v1/staff/applications/{application_id}/review-decision": (REVIEWER,),
    "GET /v1/staff/counter-codes/{code}": (CLERK,),
    # One-to-one at a counter: the session, then what only a desk does in it; and the telephone.
    "GET /v1/staff/sessions": (CLERK,),
    "POST /v1/staff/sessions": (CLERK,),
    "DELETE /v1/staff/sessions/{session_id}": (CLERK,),
    "POST /v1/staff/applications/{application_id}/read-back": (CLERK,),
    "POST /v1/staff/applications/{application_id}/takings": (CLERK,),
    "GET /v1/staff/takings": (CLERK, SUPERVISOR),
    "POST /v1/staff/takings/{day}/count": (CLERK,),
    "POST /v1/staff/lookups": (HOTLINE, CLERK),
    "GET /v1/staff/inspections": (INSPECTOR, CLERK),
    "POST /v1/staff/applications/{application_id}/review-claim": (REVIEWER,),
    "GET /v1/staff/reviews": (REVIEWER, OPERATOR),
    # Operators: machines, queues, acts; what takes two is confirmed by a colleague or a superior.
    "GET /v1/staff/machines": _OPERATION,
    "GET /v1/staff/applications/{application_id}/machine": _OPERATION,
    "GET /v1/staff/queues": _OPERATION,
    "POST /v1/staff/acts": (OPERATOR,),
    "POST /v1/staff/claims": (CLERK, OPERATOR),
    "GET /v1/staff/proposals": _OPERATION,
    "POST /v1/staff/proposals/{application_id}/decision": _OPERATION,
    # The supervision centre; a party that a finding names answers it from its own desk.
    "POST /v1/staff/traces": _SUPERVISION,
    "GET /v1/staff/rechecks": _SUPERVISION,
    "GET /v1/staff/rechecks/{period}": _SUPERVISION,
    "POST /v1/staff/rechecks/{period}/{application_id}/claim": (SUPERVISOR,),
    "POST /v1/staff/rechecks/{period}/{application_id}/result": (SUPERVISOR,),
    "GET /v1/staff/findings": (*_DESKS, *_SUPERVISION),
    "POST /v1/staff/findings": (SUPERVISOR,),
    "POST /v1/staff/findings/{finding_id}/answer": _DESKS,
    "POST /v1/staff/findings/{finding_id}/decision": (SUPERVISOR,),
    # Figures of agencies and the city, and what could not be handled.
    "GET /v1/staff/scoreboard": _FIGURES,
    "GET /v1/staff/dashboard": _FIGURES,
    "GET /v1/staff/dead-letters": _FIGURES,
    "POST /v1/staff/dead-letters/{queue}/replay": (OPERATOR,),
    # Questions about data are answered by who does not work cases; a court's or the police's
    # paper is held by the auditor alone.
    "GET /v1/staff/data-requests": (SUPERVISOR, AUDIT_ADMIN),
    "POST /v1/staff/data-requests/{request_id}/answer": (SUPERVISOR, AUDIT_ADMIN),
    "POST /v1/staff/relatives-requests": (CLERK,),
    # Tickets: which kinds are whose, and who has no part in one, say the rules in domain/tickets.
    "GET /v1/staff/tickets": _TICKETS,
    "POST /v1/staff/tickets": (CLERK, HOTLINE, SUPERVISOR),
    "GET /v1/staff/tickets/{ticket_id}": _TICKETS,
    "POST /v1/staff/tickets/{ticket_id}/claim": _TICKETS,
    "POST /v1/staff/tickets/{ticket_id}/answer": _TICKETS,
    "POST /v1/staff/tickets/{ticket_id}/extension": _TICKETS,
    "POST /v1/staff/tickets/{ticket_id}/hand-over": _TICKETS,
    "POST /v1/staff/tickets/{ticket_id}/closure": _TICKETS,
    "GET /v1/staff/ticket-figures": (OPERATOR, SUPERVISOR),
    "POST /v1/staff/persons/{person_id}/disclosure-delays": (AUDIT_ADMIN,),
    "DELETE /v1/staff/persons/{person_id}/disclosure-delays/{hold}": (AUDIT_ADMIN,),
    # Partners sign what they say.
    "POST /hooks/announcements/{partner}": _SIGNED,
    "POST /hooks/couriers/{partner}": _SIGNED,
    "POST /hooks/insurers/{partner}": _SIGNED,
    "POST /hooks/lenders/{partner}": _SIGNED,
    "POST /hooks/manufacturers/{partner}": _SIGNED,
    "POST /hooks/messages/{partner}": _SIGNED,
    "POST /hooks/payments/{partner}": _SIGNED,
    "POST /hooks/plates/{partner}": _SIGNED,
    "POST /hooks/police/{partner}": _SIGNED,
    "POST /hooks/register/{partner}": _SIGNED,
    "POST /hooks/tax/{partner}": _SIGNED,
}

_CASE = ("case", "vin", "number")
_CASE_AND_FACTS = (*_CASE, "facts")
AT_A_COUNTER: Mapping[str, tuple[str, ...]] = {
    "GET /v1/me": ("identity",),
    "GET /v1/me/invoices": ("vin", "facts"),
    "GET /v1/me/messages": ("case",),
    "GET /v1/me/vehicles": ("vin", "number"),
    "GET /v1/me/powers-of-attorney": ("power",),
    "POST /v1/me/powers-of-attorney": ("power",),
    "DELETE /v1/me/powers-of-attorney/{agent_id}": ("power",),
    "GET /v1/applications": _CASE,
    "POST /v1/new-car-registrations": _CASE,
    "POST /v1/certificate-reissues": _CASE,
    "GET /v1/applications/{application_id}": _CASE_AND_FACTS,
    "GET /v1/applications/{application_id}/progress": _CASE_AND_FACTS,
    "GET /v1/applications/{application_id}/receipt": _CASE,
    "GET /v1/applications/{application_id}/evidence": (*_CASE_AND_FACTS, "history"),
    "POST /v1/applications/{application_id}/signature": _CASE,
    "PATCH /v1/applications/{application_id}/entries": _CASE,
    "POST /v1/applications/{application_id}/disputes": _CASE,
    "POST /v1/applications/{application_id}/rechecks": _CASE,
    "POST /v1/applications/{application_id}/reviews": _CASE,
    "POST /v1/applications/{application_id}/withdrawal": _CASE,
    "POST /v1/applications/{application_id}/counter-codes": _CASE,
    "GET /v1/applications/{application_id}/offers": _CASE,
    "POST /v1/applications/{application_id}/offers": _CASE,
    "PUT /v1/applications/{application_id}/number": _CASE,
    "POST /v1/applications/{application_id}/payments": _CASE,
    "GET /v1/inspection-slots": (),
    "POST /v1/applications/{application_id}/inspection-appointment": _CASE,
    "PUT /v1/applications/{application_id}/inspection-appointment": _CASE,
    "DELETE /v1/applications/{application_id}/inspection-appointment": _CASE,
    "PUT /v1/applications/{application_id}/delivery-address": ("address", "phone"),
    "POST /v1/applications/{application_id}/temporary-plates": _CASE,
    "POST /v1/staff/applications/{application_id}/read-back": _CASE_AND_FACTS,
    "POST /v1/staff/applications/{application_id}/takings": _CASE,
}
"""What a clerk may do for a person in a session at the counter, and what each shows of them.

The first ones are the citizen's own routes: who has no session there has no role for them. The
last ones are a desk's and ask for a session as well.
"""
KEPT_FROM_COUNTERS = frozenset(
    {
        # One's own data, and who looked at it: a clerk would see what is kept even from clerks.
        # At a counter these rights are exercised by a request that somebody else answers.
        "GET /v1/me/accesses",
        "POST /v1/me/accesses/{access_id}/question",
        "GET /v1/me/data",
        "GET /v1/me/data-requests",
        "POST /v1/me/data-requests/{request_id}/appeal",
        "POST /v1/me/erasure",
        "POST /v1/me/restriction",
        "PUT /v1/me/consents/{purpose}",
        # Who served somebody does not enter how content they were.
        "POST /v1/applications/{application_id}/rating",
    }
)
"""A citizen's routes that no session opens; every other one is in the table above."""


def allowed(key: str) -> Roles:
    """The token roles that may call a route; empty for everybody, or for whoever signs.

    A clerk among them who has no role in the row itself needs a session at the counter.

    Raises LookupError for a route without a row: nobody may call it, so it is not built.
    """
    if key not in ROUTES:
        raise LookupError(f"{key} has no row in chepai/edge/roles.py: say there who may call it")
    roles = ROUTES[key]
    if unknown := set(roles) - TOKENS - {PARTNER}:
        raise LookupError(f"{key} in chepai/edge/roles.py names no role: {sorted(unknown)}")
    served = (CLERK,) if key in AT_A_COUNTER and CLERK not in roles else ()
    return tuple(each for each in (*roles, *served) if each != PARTNER)


def is_signed(key: str) -> bool:
    """Whether a route takes signed messages of partners instead of tokens."""
    return ROUTES.get(key) == _SIGNED

"""What the simulated partners and the sandbox identity provider may touch: only what is theirs."""

from infra.access import Access, Every, Queue

_KNOWS = {"sandbox_worlds": "GetItem PutItem UpdateItem"}
_SPEAKS = {"sandbox_speech": "SendMessage"}
_KEYS = {"sandbox-keys": "GetSecretValue"}
# `{sandbox}` becomes the address of the sandbox's own API, which is the issuer's name.
_IS_THE_ISSUER = {"ISSUER_URL": "{sandbox}"}
# `{security}` becomes what the city's profile says of sign-ins.
_LIMITS = {"SIGN_IN_LIMITS": "{security}"}
_ADMITS = {"sandbox_worlds": "GetItem UpdateItem"}

_SIMULATED = (
    "manufacturers",
    "announcements",
    "tax",
    "insurers",
    "police",
    "lenders",
    "payments",
    "plates",
    "couriers",
    "messages",
    "register",
)

ACCESS: dict[str, Access] = {
    **{
        f"simulate_{word}": Access(tables=_KNOWS, queues=_SPEAKS, secrets=_KEYS)
        for word in _SIMULATED
    },
    "speak": Access(queues=_SPEAKS, secrets=_KEYS, on=Queue("sandbox_speech"), timeout=20),
    # Files as a citizen does, so it knows the addresses and nothing of the office's records.
    "beat": Access(
        secrets=_KEYS, environment={"SANDBOX_URL": "{sandbox}"}, on=Every(minutes=30), timeout=330
    ),
    "make_world": Access(tables=_KNOWS, queues=_SPEAKS, secrets=_KEYS),
    "let_happen": Access(tables=_KNOWS, queues=_SPEAKS),
    "close_segment": Access(tables={"sandbox_worlds": "GetItem"}, queues=_SPEAKS),
    "pay_order": Access(tables=_KNOWS, queues=_SPEAKS),
    "enter_staff": Access(tables=_ADMITS, environment=_LIMITS),
    "challenge_staff": Access(tables=_ADMITS, environment=_LIMITS),
    "sign_in_staff": Access(
        tables=_ADMITS, keys={"sandbox-issuer": "Sign"}, environment=_IS_THE_ISSUER | _LIMITS
    ),
    "renew_session": Access(
        tables=_ADMITS, keys={"sandbox-issuer": "Sign"}, environment=_IS_THE_ISSUER | _LIMITS
    ),
    "end_session": Access(tables=_ADMITS, environment=_LIMITS),
    "sign_in": Access(
        tables={"sandbox_worlds": "GetItem"},
        queues=_SPEAKS,
        keys={"sandbox-issuer": "Sign"},
        environment=_IS_THE_ISSUER,
    ),
    "read_card": Access(tables={"sandbox_worlds": "GetItem"}, queues=_SPEAKS),
    "discover_issuer": Access(environment=_IS_THE_ISSUER),
    "publish_issuer_keys": Access(keys={"sandbox-issuer": "GetPublicKey"}),
}

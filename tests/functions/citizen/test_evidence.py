"""What an owner takes home holds for the program that knows nothing of us, and only as it is."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chepai.domain.facts import FactKind, about_vin
from chepai.domain.ledger import Actor, evidence_of
from chepai.domain.life_cycle import Status
from chepai.edge import sealing as sealing_of
from chepai.edge.casework import Casework
from chepai.edge.sealing import Sealing
from chepai.records.facts import Facts
from tests.functions.citizen.office import OTHER, VIN, Office
from verifier import __main__ as program

SYSTEM = Actor("system", "weigh_findings")


class Key:
    """Stands in for the key service: the simulated one has no key of this kind."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        self.algorithm, self.kid = "ed25519", "k1"
        self.public = self._key.public_key().public_bytes_raw()
        self.sign = self._key.sign

    def told(self) -> dict[str, str]:
        public = b64encode(self.public).decode()
        return {"kid": self.kid, "alg": self.algorithm, "public": public}


@pytest.fixture
def seal(office: Office, monkeypatch: pytest.MonkeyPatch):
    office.city.function("background", "seal_ledger")
    sealing = Sealing.from_env()
    sealing.signer = Key()  # type: ignore[assignment]
    later = [0]

    def run() -> None:
        later[0] += 2
        at = datetime.now(UTC) + timedelta(minutes=later[0])
        monkeypatch.setattr(sealing_of, "now", lambda: at)
        assert sealing.run(f"run-{later[0]}") is not None

    return run


@pytest.fixture
def check(tmp_path, capsys):
    def run(bundle: dict[str, Any], *more: str) -> tuple[int, str]:
        file = tmp_path / "bundle.json"
        file.write_text(json.dumps(bundle, ensure_ascii=False), "utf-8")
        status = program.main(["bundle", str(file), *more])
        return status, capsys.readouterr().out

    return run


def weigh(office: Office, application_id: str, **findings: str) -> None:
    """Enter a weighing of a purchase tax, as the machine's step does."""
    office.fact(
        about_vin(VIN), FactKind.PURCHASE_TAX, vin=VIN, status="PAID", amount_fen=1_148_600,
        paid_on="2026-08-02", taxpayer_blind="b" * 64, taxpayer_masked="370***********0019",
    )  # fmt: skip
    office.call("read_evidence", application_id=application_id)
    casework = Casework.from_env()
    before = casework.applications.read(application_id)
    (fact,) = Facts.from_env().of_kind(about_vin(VIN), FactKind.PURCHASE_TAX)
    casework.move(
        before, Status(before.status), by=SYSTEM, act="weighed",
        evidence=[evidence_of(fact)], told={"findings": findings}, fee_state="",
    )  # fmt: skip


def test_a_bundle_holds_and_tells_what_is_sealed(office, seal, check):
    application_id = office.file()
    status, bundle = office.call("read_evidence", application_id=application_id)
    assert status == 200
    assert (bundle["checkpoint"], bundle["proofs"], bundle["not_sealed"]) == ("", [], [1])
    assert check(bundle)[0] == 0
    weigh(office, application_id, F07="F07-OK")
    seal()
    _, bundle = office.call("read_evidence", application_id=application_id)
    assert (bundle["not_sealed"], len(bundle["proofs"])) == ([], 2)
    status, said = check(bundle)
    assert (status, "2 proven to be in the log, 1 answer of agencies" in said) == (0, True), said
    (fact,) = bundle["facts"]
    assert fact["says"]["taxpayer_masked"] == "370***********0019"
    assert "_blind" not in json.dumps(bundle)
    office.call("withdraw_application", application_id=application_id)
    weighed = bundle["entries"][1]
    for name, value in (("says", fact["says"] | {"amount_fen": 1}), ("kid", "other")):
        bent = bundle | {"facts": [fact | {name: value}]}
        status, said = check(bent)
        assert (status, "the answer F07" in said) == (1, True), said
    bent = bundle | {"entries": [bundle["entries"][0], weighed | {"act": "approved"}]}
    assert check(bent)[0] == 1


def test_what_only_an_investigation_may_know_is_proven_and_not_told(office, seal, check):
    application_id = office.file()
    weigh(office, application_id, F10="F10-SUSPECT")
    seal()
    _, bundle = office.call("read_evidence", application_id=application_id)
    hidden = bundle["entries"][1]
    assert hidden["withheld"] == "investigation"
    assert "F10-SUSPECT" not in json.dumps(bundle)
    status, said = check(bundle)
    assert (status, "1 is withheld" in said) == (0, True), said
    for name in ("leaf", "prev", "hash"):
        bent = [bundle["entries"][0], hidden | {name: "00" * 32}]
        # The hash of a last entry is what a later one will hold on to; nothing does yet.
        assert check(bundle | {"entries": bent})[0] == (0 if name == "hash" else 1)


def test_nobody_gets_the_bundle_of_another(office, seal, check):
    application_id = office.file()
    assert office.call("read_evidence", application_id=application_id, person=OTHER)[0] == 404
    status, bundle = office.call(
        "read_case_evidence", group="staff", application_id=application_id,
        person="staff-1", roles="supervisor",
        query={"purpose": "recheck", "reference": "QD-2026-1"},
    )  # fmt: skip
    assert status == 200, bundle
    book = [each for each in office.city.rows("ledger") if each["act"] == "read"]
    assert len(book) == 1
    assert check(bundle)[0] == 0

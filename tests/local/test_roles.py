"""With roles enforced, a role may do what it says, a TLS-only queue included, and nothing else.

What the emulator enforces differently from AWS is mended here; each test has its twin that shows
that the gap is still there upstream.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.deploy import deploy
from infra.local.emulator import Emulator
from tests.local import small_city

TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "sqs:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com", "AWS": "*"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def allow(action: str, resource: str = "*") -> str:
    said = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [said]})


def make_role(aws: Emulator, name: str, policy: str) -> str:
    iam = aws.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=name, PolicyName="one", PolicyDocument=policy)
    return str(made["Role"]["Arn"])


def as_role(aws: Emulator, service: str, action: str, resource: str = "*") -> Any:
    """A client of a role that may do one action."""
    name = action.replace(":", "-")
    arn = make_role(aws, name, allow(action, resource))
    given = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName=name)["Credentials"]
    return boto3.client(
        service,
        endpoint_url=aws.endpoint,
        region_name=aws.region,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def guarded_queue(aws: Emulator) -> str:
    attributes = {"Policy": json.dumps(TLS_ONLY)}
    made = aws.client("sqs").create_queue(QueueName="questions", Attributes=attributes)
    return str(made["QueueUrl"])


def machine(aws: Emulator, name: str) -> str:
    return f"arn:aws:states:{aws.region}:{aws.account}:stateMachine:{name}"


def waiting_token(aws: Emulator) -> str:
    """The token that a running execution of the machine "park" gave out."""
    machines = aws.client("stepfunctions")
    started = machines.start_execution(stateMachineArn=machine(aws, "park"), input="{}")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        history = machines.get_execution_history(executionArn=started["executionArn"])
        for event in history["events"]:
            told = event.get("taskScheduledEventDetails", {}).get("parameters")
            if told:
                return str(json.loads(told)["Payload"]["token"])
        time.sleep(0.05)
    raise AssertionError("no state gave out a token")


def refused(call: Callable[[], Any]) -> str:
    try:
        call()
    except ClientError as no:
        return str(no.response["Error"]["Code"])
    return ""


def test_a_role_may_do_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    with Emulator(tmp_path, enforce_roles=True) as aws:
        queue, client = guarded_queue(aws), as_role(aws, "sqs", "sqs:SendMessage")
        client.send_message(QueueUrl=queue, MessageBody="may I?")
        with pytest.raises(ClientError, match="AccessDenied"):
            client.receive_message(QueueUrl=queue)


def test_upstream_a_tls_only_queue_refuses_everybody(tmp_path: Path) -> None:
    with Emulator(tmp_path, enforce_roles=True, close_gaps=False) as aws:
        queue, client = guarded_queue(aws), as_role(aws, "sqs", "sqs:SendMessage")
        with pytest.raises(ClientError, match="AccessDenied"):
            client.send_message(QueueUrl=queue, MessageBody="may I?")


@pytest.mark.parametrize("close_gaps", [True, False])
def test_who_may_send_may_send_many_at_once_but_not_upstream(
    tmp_path: Path, close_gaps: bool
) -> None:
    with Emulator(tmp_path, enforce_roles=True, close_gaps=close_gaps) as aws:
        queue = aws.client("sqs").create_queue(QueueName="plain")["QueueUrl"]
        client = as_role(aws, "sqs", "sqs:SendMessage")
        many = [{"Id": str(nth), "MessageBody": "may I?"} for nth in range(3)]
        code = refused(lambda: client.send_message_batch(QueueUrl=queue, Entries=many))
        assert code == ("" if close_gaps else "AccessDenied")


@pytest.mark.parametrize(("of_machine", "code"), [("park", ""), ("nine", "AccessDeniedException")])
def test_an_answer_is_a_right_to_the_machine_that_asked(
    tmp_path: Path, of_machine: str, code: str
) -> None:
    with Emulator(tmp_path / "state", enforce_roles=True) as aws:
        deploy_with_roles(tmp_path, aws, "*")
        client = as_role(aws, "stepfunctions", "states:SendTaskSuccess", machine(aws, of_machine))
        token = waiting_token(aws)
        assert refused(lambda: client.send_task_success(taskToken=token, output="{}")) == code
        assert refused(lambda: client.send_task_heartbeat(taskToken=token)).startswith("AccessDen")


def test_upstream_no_role_that_names_its_machine_may_answer(tmp_path: Path) -> None:
    with Emulator(tmp_path, enforce_roles=True, close_gaps=False) as aws:
        client = as_role(aws, "stepfunctions", "states:SendTaskSuccess", machine(aws, "park"))
        code = refused(lambda: client.send_task_success(taskToken="any", output="{}"))
        assert code.startswith("AccessDenied")


def deploy_with_roles(folder: Path, aws: Emulator, functions: str) -> None:
    """The small city, whose machines may invoke the functions that an ARN matches."""
    make_role(aws, small_city.ROLE.rsplit("/", 1)[-1], allow("lambda:InvokeFunction", functions))
    deploy(small_city.write(folder / "cdk.out"), aws.client)


def ends(aws: Emulator, name: str) -> str:
    machines = aws.client("stepfunctions")
    arn = machines.start_execution(stateMachineArn=machine(aws, name), input="{}")["executionArn"]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        status = str(machines.describe_execution(executionArn=arn)["status"])
        if status != "RUNNING":
            return status
        time.sleep(0.05)
    raise AssertionError(f"{name} did not end")


@pytest.mark.parametrize(
    ("functions", "status"), [("*:function:raise_it", "SUCCEEDED"), ("*:function:greet", "FAILED")]
)
def test_a_machine_calls_only_what_its_role_allows(
    tmp_path: Path, functions: str, status: str
) -> None:
    with Emulator(tmp_path / "state", enforce_roles=True) as aws:
        deploy_with_roles(tmp_path, aws, functions)
        assert ends(aws, "catch") == status


@pytest.mark.parametrize(("close_gaps", "status"), [(True, "FAILED"), (False, "RUNNING")])
def test_upstream_a_machine_calls_what_it_likes(
    tmp_path: Path, close_gaps: bool, status: str
) -> None:
    with Emulator(tmp_path / "state", enforce_roles=True, close_gaps=close_gaps) as aws:
        deploy_with_roles(tmp_path, aws, "*:function:misspelt")
        machines = aws.client("stepfunctions")
        started = machines.start_execution(stateMachineArn=machine(aws, "park"), input="{}")
        time.sleep(1.5)
        told = machines.describe_execution(executionArn=started["executionArn"])
        assert told["status"] == status


@pytest.mark.parametrize("close_gaps", [True, False])
def test_a_key_opens_for_the_context_that_its_policy_asks_for_but_not_upstream(
    tmp_path: Path, close_gaps: bool
) -> None:
    with Emulator(tmp_path, enforce_roles=True, close_gaps=close_gaps) as aws:
        account = {"AWS": f"arn:aws:iam::{aws.account}:root"}
        without_person = {"Null": {"kms:EncryptionContext:person": "true"}}
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"},
                {
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Action": "kms:GenerateDataKey",
                    "Resource": "*",
                    "Condition": without_person,
                },
            ],
        }
        made = aws.client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
        client = as_role(aws, "kms", "kms:GenerateDataKey", made)

        def ask(**context: str) -> str:
            return refused(
                lambda: client.generate_data_key(
                    KeyId=made, KeySpec="AES_256", EncryptionContext=context
                )
            )

        assert ask(person="per_1") == ("" if close_gaps else "AccessDeniedException")
        assert ask(kind="contact") == "AccessDeniedException"

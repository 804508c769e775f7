"""With roles enforced, a role may do what it says, a TLS-only queue included, and nothing else."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.emulator import Emulator

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


def as_role(aws: Emulator, action: str) -> tuple[Any, str]:
    """An SQS client of a role that may do one action, and the queue it may do it on."""
    queue = aws.client("sqs").create_queue(
        QueueName="questions", Attributes={"Policy": json.dumps(TLS_ONLY)}
    )["QueueUrl"]
    allowed = {"Effect": "Allow", "Action": action, "Resource": "*"}
    iam = aws.client("iam")
    arn = iam.create_role(RoleName="asker", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"][
        "Arn"
    ]
    iam.put_role_policy(
        RoleName="asker",
        PolicyName="one",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    given = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="asker")["Credentials"]
    client = boto3.client(
        "sqs",
        endpoint_url=aws.endpoint,
        region_name=aws.region,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    return client, queue


def test_a_role_may_do_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    with Emulator(tmp_path, enforce_roles=True) as aws:
        client, queue = as_role(aws, "sqs:SendMessage")
        client.send_message(QueueUrl=queue, MessageBody="may I?")
        with pytest.raises(ClientError, match="AccessDenied"):
            client.receive_message(QueueUrl=queue)


def test_upstream_a_tls_only_queue_refuses_everybody(tmp_path: Path) -> None:
    with Emulator(tmp_path, enforce_roles=True, close_gaps=False) as aws:
        client, queue = as_role(aws, "sqs:SendMessage")
        with pytest.raises(ClientError, match="AccessDenied"):
            client.send_message(QueueUrl=queue, MessageBody="may I?")

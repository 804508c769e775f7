"""Starting a case's state machine: once for each run, whoever asks how often."""

import json
import os

from botocore.exceptions import ClientError

from chepai.domain.application import Application
from chepai.records.aws import client

DEAD = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})
"""The words of a run that ended without having brought its case to an end."""


def start(application: Application) -> None:
    """Start the current run; that it runs already is what was wanted."""
    try:
        client("stepfunctions").start_execution(
            stateMachineArn=_machine(application),
            name=execution_name(application),
            input=json.dumps(
                {"application_id": application.application_id, "run": application.run}
            ),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise


def state_of_run(application: Application) -> str:
    """How the current run stands, in the service's own word; "" when there is none."""
    arn = execution_arn(application)
    try:
        return str(client("stepfunctions").describe_execution(executionArn=arn)["status"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return ""


def execution_name(application: Application, run: int = 0) -> str:
    return f"{application.application_id}-r{run or application.run}"


def execution_arn(application: Application, run: int = 0) -> str:
    """An execution's ARN follows from its machine's and its name; the current run's when 0."""
    machine = _machine(application).replace(":stateMachine:", ":execution:")
    return f"{machine}:{execution_name(application, run)}"


def _machine(application: Application) -> str:
    return os.environ[f"{application.service.upper()}_MACHINE_ARN"]

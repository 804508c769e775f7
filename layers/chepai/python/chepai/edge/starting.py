"""Starting a case's state machine: once for each run, whoever asks how often."""

import json
import os

from botocore.exceptions import ClientError

from chepai.domain.application import Application
from chepai.records.aws import client


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


def execution_name(application: Application) -> str:
    return f"{application.application_id}-r{application.run}"


def execution_arn(application: Application) -> str:
    """An execution's ARN follows from its machine's and its name."""
    machine = _machine(application).replace(":stateMachine:", ":execution:")
    return f"{machine}:{execution_name(application)}"


def _machine(application: Application) -> str:
    return os.environ[f"{application.service.upper()}_MACHINE_ARN"]

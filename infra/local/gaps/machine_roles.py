"""ministack lets a machine call every function; on AWS its role must allow each of them.

With roles enforced, a task asks the emulator's own evaluation whether the machine's role may invoke
the function that the task names.
"""

from ministack.core import iam_evaluator


def may_invoke(role: str, function: str, region: str) -> bool:
    """Whether a role, by its ARN, may invoke a function; true when none is enforced."""
    from ministack.app import AUTH

    if not AUTH:
        return True
    account, name = role.split(":")[4], role.rsplit("/", 1)[-1]
    asked = iam_evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action="lambda:InvokeFunction",
        resource_arn=function,
        region=region,
    )
    policies = iam_evaluator._gather_role_policies(name, account)
    return bool(iam_evaluator.evaluate(asked, policies).decision == "Allow")

"""What every resource of its kind must have. Rules, never counts."""

import json
from collections import Counter
from typing import Any

import pytest

from infra import declarations
from infra.access import GROUPS, Every, Queue, of_group
from infra.assets import ROOT, function_folders
from infra.profile_check import CITIES, load
from tests.infra.conftest import Templates

MOST_RESOURCES = 450  # of the 500 that CloudFormation takes, so that there is warning
UNAVOIDABLE = {
    # X-Ray, log delivery and the list of streams know no resources.
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "dynamodb:ListStreams",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
NAMED_WHILE_RUNNING = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "states:DescribeExecution",
    "states:GetExecutionHistory",
    "states:RedriveExecution",
    "states:StopExecution",
    "s3:GetObject",
    "s3:PutObject",
}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(templates: Templates) -> list[tuple[str, dict[str, Any]]]:
    return [
        (path, statement)
        for path, role in templates.properties("AWS::IAM::Role")
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def test_every_folder_is_one_function_and_every_function_one_folder(sandbox):
    folders = [name for group in GROUPS for name in function_folders(group)]
    names = [
        function["FunctionName"] for _, function in sandbox.properties("AWS::Lambda::Function")
    ]
    assert sorted(names) == sorted(f"chepai-sandbox-qingdao-{name}" for name in folders)


def test_every_route_has_a_function_of_its_own(sandbox):
    declared = {each.key: name for name, each in declarations.everywhere().items()}
    routes = {
        route["RouteKey"]: route["OperationName"]
        for _, route in sandbox.properties("AWS::ApiGatewayV2::Route")
    }
    assert routes == declared
    assert len(set(routes.values())) == len(routes)


def test_roles_are_the_scopes_of_a_route(sandbox):
    declared = declarations.everywhere()
    for path, route in sandbox.properties("AWS::ApiGatewayV2::Route"):
        roles = sorted(declared[route["OperationName"]].roles)
        assert route.get("AuthorizationScopes", []) == roles, path
        assert route["AuthorizationType"] == ("JWT" if roles else "NONE"), path


def test_every_state_has_a_function_of_its_own(sandbox):
    for path, machine in sandbox.properties("AWS::StepFunctions::StateMachine"):
        called = set(machine["DefinitionSubstitutions"]) - {"partition"}
        assert called <= set(of_group("steps")), path


def test_no_two_functions_share_a_role(sandbox):
    roles = Counter(
        json.dumps(function["Role"]) + path.split("/")[0]
        for path, function in sandbox.properties("AWS::Lambda::Function")
    )
    assert [role for role, times in roles.items() if times > 1] == []


def test_every_function_keeps_its_own_logs_for_a_time(sandbox):
    kept = {
        group["LogGroupName"]: group["RetentionInDays"]
        for _, group in sandbox.properties("AWS::Logs::LogGroup")
    }
    for path, function in sandbox.properties("AWS::Lambda::Function"):
        assert kept[f"/aws/lambda/{function['FunctionName']}"] >= 180, path


def test_every_function_says_its_limits_and_is_traced(sandbox):
    # Nobody waits for what the clock calls each half hour or more rarely, and it has much to do.
    unhurried = {
        f"chepai-sandbox-qingdao-{name}"
        for group in ("background", "sandbox")
        for name, each in of_group(group).items()
        if isinstance(each.on, Every) and each.on.minutes >= 30
    }
    for path, function in sandbox.properties("AWS::Lambda::Function"):
        assert function["Timeout"] <= (330 if function["FunctionName"] in unhurried else 60), path
        assert function["MemorySize"] >= 128, path
        assert function["TracingConfig"] == {"Mode": "Active"}, path
        assert function["Architectures"] == ["arm64"], path
        assert function["Runtime"] == "python3.13", path


def test_no_action_is_a_wildcard(sandbox, in_china):
    for templates in (sandbox, in_china):
        for path, statement in statements(templates):
            assert not [each for each in listed(statement["Action"]) if "*" in each], path
            assert not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys(), path


def test_no_resource_is_a_wildcard_but_the_unavoidable(sandbox):
    for path, statement in statements(sandbox):
        actions = set(listed(statement["Action"]))
        for resource in listed(statement["Resource"]):
            if resource == "*":
                assert actions <= UNAVOIDABLE, path
            elif "*" in json.dumps(resource):
                assert actions <= NAMED_WHILE_RUNNING, path


def test_no_role_passes_on_another_and_none_is_ready_made(sandbox):
    for path, role in sandbox.properties("AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role, path
    assert not [
        path for path, said in statements(sandbox) if "iam:PassRole" in listed(said["Action"])
    ]


def test_only_step_functions_answers_are_given_to_those_who_answer(sandbox):
    answering = {name for group in GROUPS for name, each in of_group(group).items() if each.answers}
    for path, role in sandbox.resources("AWS::IAM::Role"):
        said = json.dumps(role["Properties"]["Policies"])
        if "states:SendTask" in said:
            assert any(
                f"/aws/lambda/chepai-sandbox-qingdao-{name}:" in said for name in answering
            ), path


def test_every_table_is_encrypted_and_recovers_to_any_second(sandbox, in_china):
    for templates in (sandbox, in_china):
        for path, table in templates.properties("AWS::DynamoDB::Table"):
            assert table["SSESpecification"]["SSEEnabled"] is True, path
            recovery = table["PointInTimeRecoverySpecification"]
            assert recovery == {"PointInTimeRecoveryEnabled": True}, path
            assert table["BillingMode"] == "PAY_PER_REQUEST", path


def test_task_tokens_are_under_a_key_that_opens_through_their_table_alone(sandbox, in_china):
    for templates, region in ((sandbox, "AWS::Region"), (in_china, "AWS::Region")):
        sealed = [
            table["TableName"]
            for _, table in templates.properties("AWS::DynamoDB::Table")
            if "KMSMasterKeyId" in table["SSESpecification"]
        ]
        assert [name.rpartition("-")[2] for name in sealed] == ["waits"]
        (key,) = [
            key
            for _, key in templates.properties("AWS::KMS::Key")
            if {"Key": "chepai:key", "Value": "tokens"} in key["Tags"]
        ]
        office, table, everybody_else = key["KeyPolicy"]["Statement"]
        assert key["EnableKeyRotation"]
        assert (table["Effect"], everybody_else["Effect"]) == ("Allow", "Deny")
        allowed = table["Condition"]["StringEquals"]
        through = {"kms:ViaService": allowed["kms:ViaService"]}
        assert everybody_else["Condition"] == {"StringNotEquals": through}
        assert region in str(through)
        assert "dynamodb" in str(through)
        assert "kms:CallerAccount" in allowed
        assert "kms:Decrypt" in everybody_else["Action"]
        assert office["Effect"] == "Allow"


def test_records_outlive_their_stack_except_in_the_sandbox(sandbox, in_china):
    kinds = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret")
    for kind in kinds:
        assert _ends(in_china, kind) == {"Retain"}
        assert _ends(sandbox, kind) == {"Delete"}
    assert _ends(in_china, "AWS::KMS::Key") == {"Retain"}


def _ends(templates, kind):
    # What is no record, such as the pages, is built from the repository again.
    found = [each for path, each in templates.resources(kind) if path.startswith("records/")]
    return {each["DeletionPolicy"] for each in found}


def test_evidence_is_locked_where_it_lies(sandbox, in_china):
    # No shorter than the city promises in its profile.
    kept = load(CITIES / "qingdao.toml").privacy.archive_days
    assert kept >= 400
    for templates, mode in ((sandbox, "GOVERNANCE"), (in_china, "COMPLIANCE")):
        for path, bucket in templates.properties("AWS::S3::Bucket"):
            # What is not a record is built from the repository again.
            if not path.startswith("records/"):
                continue
            lock = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
            assert bucket["ObjectLockEnabled"] is True, path
            assert lock["Mode"] == mode, path
            assert lock["Days"] >= (1 if templates is sandbox else kept), path
            assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}, path
            assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, path
            (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms", path


def test_buckets_take_nothing_unencrypted(sandbox):
    guarded = {
        json.dumps(policy["Bucket"])
        for _, policy in sandbox.properties("AWS::S3::BucketPolicy")
        if "aws:SecureTransport" in json.dumps(policy["PolicyDocument"])
    }
    for path, _ in sandbox.resources("AWS::S3::Bucket"):
        assert json.dumps({"Ref": path.split("/")[1]}) in guarded, path


def test_nobody_lifts_a_lock_or_removes_evidence(sandbox, in_china):
    for templates in (sandbox, in_china):
        for path, statement in statements(templates):
            for action in listed(statement["Action"]):
                assert not action.startswith(("s3:Delete", "s3:Bypass", "s3:PutBucket")), path
                assert action not in ("s3:PutObjectRetention", "s3:PutObjectLegalHold"), path


def test_the_ledger_is_only_ever_appended_to(sandbox, in_china):
    altering = {"UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete"}
    for group in GROUPS:
        for name, access in of_group(group).items():
            assert not altering & set(access.tables.get("ledger", "").split()), name
    for templates in (sandbox, in_china):
        for path, statement in statements(templates):
            if "-ledger" in json.dumps(statement["Resource"]):
                verbs = {each.split(":")[1] for each in listed(statement["Action"])}
                assert not altering & verbs, path


def test_personal_data_has_one_table_and_few_readers():
    readers = {
        name
        for group in GROUPS
        for name, each in of_group(group).items()
        if "people" in each.keys and "Decrypt" in each.keys["people"].split()
    }
    holders = {
        name
        for group in GROUPS
        for name, each in of_group(group).items()
        if "GetItem" in each.tables.get("people", "").split()
    }
    assert readers <= holders


def test_every_queue_has_dead_letters_and_takes_nothing_unencrypted(sandbox):
    guarded = {
        json.dumps(queue)
        for path, policy in sandbox.properties("AWS::SQS::QueuePolicy")
        for queue in policy["Queues"]
        if "aws:SecureTransport" in json.dumps(policy["PolicyDocument"])
    }
    for path, resource in sandbox.resources("AWS::SQS::Queue"):
        queue = resource["Properties"]
        assert queue["SqsManagedSseEnabled"] is True, path
        assert json.dumps({"Ref": path.split("/")[1]}) in guarded, path
        if not queue["QueueName"].endswith("-dead"):
            assert queue["RedrivePolicy"]["maxReceiveCount"] >= 3, path


def test_a_queue_hides_a_message_longer_than_its_reader_may_take(sandbox):
    seconds = {
        queue["QueueName"].removeprefix("chepai-sandbox-qingdao-"): queue.get("VisibilityTimeout")
        for _, queue in sandbox.properties("AWS::SQS::Queue")
    }
    for group in GROUPS:
        for name, access in of_group(group).items():
            if isinstance(access.on, Queue):
                assert seconds[access.on.name] >= 6 * access.timeout, name


def test_machines_log_everything_but_their_data(sandbox):
    for path, machine in sandbox.properties("AWS::StepFunctions::StateMachine"):
        logging = machine["LoggingConfiguration"]
        assert logging["Level"] == "ALL", path
        assert logging["IncludeExecutionData"] is False, path
        assert machine["TracingConfiguration"] == {"Enabled": True}, path


def test_a_machine_may_call_its_own_steps_and_no_other(sandbox):
    for path, machine in sandbox.properties("AWS::StepFunctions::StateMachine"):
        stack = sandbox.by_stack[path.split("/")[0]]["Resources"]
        role = stack[machine["RoleArn"]["Fn::GetAtt"][0]]["Properties"]
        said = json.dumps(role["Policies"])
        for step in of_group("steps"):
            named = f':function:chepai-sandbox-qingdao-{step}"' in said
            assert named == (step in machine["DefinitionSubstitutions"]), (path, step)


def test_access_logs_tell_neither_query_nor_address(sandbox):
    for path, stage in sandbox.properties("AWS::ApiGatewayV2::Stage"):
        written = stage["AccessLogSettings"]["Format"]
        for secret in ("queryString", "sourceIp", "userAgent", "$context.path", "identity"):
            assert secret not in written, path
        assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0, path


def test_every_alarm_names_a_page_that_exists(sandbox):
    for path, alarm in sandbox.properties("AWS::CloudWatch::Alarm"):
        page = alarm["AlarmDescription"].removeprefix("What to do: ")
        assert (ROOT / page).is_file(), (path, page)


def test_stacks_know_each_other_by_name_only(sandbox):
    for stack, template in sandbox.by_stack.items():
        assert "Fn::ImportValue" not in json.dumps(template), stack
        assert "Export" not in json.dumps(template.get("Outputs", {})), stack


def test_every_name_that_aws_invents_is_written_before_it_is_read(sandbox):
    written = {each["Name"] for _, each in sandbox.properties("AWS::SSM::Parameter")}
    for stack, template in sandbox.by_stack.items():
        for parameter in template.get("Parameters", {}).values():
            if parameter["Type"].startswith("AWS::SSM::Parameter::Value"):
                assert parameter["Default"] in written, (stack, parameter["Default"])


def test_no_partition_is_taken_for_granted(sandbox, in_china):
    for templates in (sandbox, in_china):
        for stack, template in templates.by_stack.items():
            assert "arn:aws:" not in json.dumps(template), stack


def test_nothing_of_the_sandbox_reaches_another_stage(in_china):
    assert "sandbox" not in in_china.by_stack
    for stack, template in in_china.by_stack.items():
        # Step Functions calls a function that ran out of time "Sandbox.Timedout".
        said = json.dumps(template).replace("Sandbox.Timedout", "")
        assert "sandbox" not in said.lower(), stack


@pytest.mark.parametrize("stage", ["sandbox", "in_china"])
def test_a_stack_has_room_to_grow(stage, request):
    for stack, template in request.getfixturevalue(stage).by_stack.items():
        assert len(template["Resources"]) <= MOST_RESOURCES, stack

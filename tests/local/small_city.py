"""A city of a few functions, written by hand as the CDK would have it, to try the emulator with."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/anybody"

FUNCTIONS = {
    "greet": """
import json, os, sys
import where
def handler(event, context):
    print("greeting", event.get("name"))
    return {"hello": event.get("name"), "pid": os.getpid(), "where": where.HERE,
            "environment": dict(os.environ), "function": context.function_name,
            "left": context.get_remaining_time_in_millis(), "request": context.aws_request_id}
""",
    "moody": """
import os
def handler(event, context):
    if event.get("fail"):
        raise ValueError("moody")
    return os.getpid()
""",
    "find_layer": """
import os, sys
import where
def handler(event, context):
    layer = os.path.dirname(where.__file__)
    return sys.path.index(os.environ["LAMBDA_TASK_ROOT"]) < sys.path.index(layer)
""",
    "busy": """
import os, time
def handler(event, context):
    time.sleep(0.1)
    return os.getpid()
""",
    "raise_it": """
class CourierUnavailable(Exception):
    pass
def handler(event, context):
    print("about to fail")
    raise CourierUnavailable("no van")
""",
    "sleep": """
import time
def handler(event, context):
    time.sleep(event["seconds"])
    return {}
""",
    "vanish": """
import os
def handler(event, context):
    os._exit(3)
""",
    "misspelt": "import no_such_module\n",
    "answer_token": """
import boto3, json
machines = boto3.client("stepfunctions")
def handler(event, context):
    machines.send_task_success(taskToken=event["token"], output=json.dumps({"paid": True}))
""",
    "count": """
import boto3, os
table = boto3.resource("dynamodb").Table(os.environ["THINGS_TABLE"])
def handler(event, context):
    table.put_item(Item={"thing": context.aws_request_id})
    return {}
""",
    "hear": """
import boto3, os
table = boto3.resource("dynamodb").Table(os.environ["THINGS_TABLE"])
def handler(event, context):
    for record in event["Records"]:
        table.put_item(Item={"thing": "heard " + record["dynamodb"]["Keys"]["fact"]["S"]})
""",
    "echo": """
import base64
def handler(event, context):
    body = event.get("body") or ""
    return {"statusCode": 201, "headers": {"content-type": "application/octet-stream",
            "x-path": event["rawPath"], "x-query": event["rawQueryString"],
            "x-token": event["headers"].get("authorization", "")},
            "body": body, "isBase64Encoded": event["isBase64Encoded"]}
""",
}


def _task(function: str, *, token: bool = False) -> dict[str, Any]:
    payload = {"token.$": "$$.Task.Token"} if token else {"name": "machine"}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke" + (".waitForTaskToken" if token else ""),
        "Parameters": {"FunctionName": f"${{{function}}}", "Payload": payload},
    }


def _machine(states: dict[str, Any], start: str) -> dict[str, Any]:
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineName": start.lower().replace(" ", "-"),
            "RoleArn": ROLE,
            "DefinitionString": json.dumps({"StartAt": start, "States": states}),
            "DefinitionSubstitutions": {
                name: {"Fn::GetAtt": [_logical(name), "Arn"]} for name in FUNCTIONS
            },
        },
    }


def _logical(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _machines() -> dict[str, Any]:
    nine = [
        {
            "StartAt": f"Ask {number}",
            "States": {f"Ask {number}": {**_task("answer_token", token=True), "End": True}},
        }
        for number in range(9)
    ]
    caught = [{"ErrorEquals": ["CourierUnavailable"], "Next": "Told"}]
    return {
        "Nine": _machine({"Nine": {"Type": "Parallel", "Branches": nine, "End": True}}, "Nine"),
        "Catching": _machine(
            {
                "Catch": {**_task("raise_it"), "Catch": caught, "End": True},
                "Told": {"Type": "Succeed"},
            },
            "Catch",
        ),
        "Parking": _machine({"Park": {**_task("greet", token=True), "End": True}}, "Park"),
    }


def write(folder: Path, *, functions: dict[str, str] | None = None, extra: Any = None) -> Path:
    """Write the assembly into a folder and return the folder."""
    sources = functions or FUNCTIONS
    folder.mkdir(parents=True, exist_ok=True)
    files, resources = {}, dict[str, Any]()
    layer = folder / "asset.layer" / "python"
    layer.mkdir(parents=True, exist_ok=True)
    (layer / "where.py").write_text('HERE = "layer"\n')
    files["layer"] = _file("layer", "1")
    resources["Layer"] = {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {"LayerName": "shared", "Content": _code("layer", "1")},
    }
    for name, source in sources.items():
        (folder / f"asset.{name}").mkdir(exist_ok=True)
        (folder / f"asset.{name}" / "handler.py").write_text(source)
        files[name] = _file(name, source)
        resources[_logical(name)] = _function(name, source)
    resources["Things"] = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "things",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "thing", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "thing", "KeyType": "HASH"}],
            "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        },
    }
    resources["Evidence"] = {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketName": "evidence",
            "VersioningConfiguration": {"Status": "Enabled"},
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
                ]
            },
            "ObjectLockEnabled": True,
            "ObjectLockConfiguration": {
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
            },
        },
    }
    resources["Keys"] = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"Name": "keys", "SecretString": "{}"},
    }
    if functions is None:
        resources |= _machines()
        resources |= _api()
        resources |= _stream()
    resources |= extra or {}
    template = {
        "Resources": resources,
        "Outputs": {
            "Secret": {"Value": {"Ref": "Keys"}},
            **({"Api": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}} if not functions else {}),
        },
    }
    (folder / "city.template.json").write_text(json.dumps(template))
    (folder / "city.assets.json").write_text(json.dumps({"files": files}))
    manifest = {
        "artifacts": {
            "city.assets": {
                "type": "cdk:asset-manifest",
                "properties": {"file": "city.assets.json"},
            },
            "city": {
                "type": "aws:cloudformation:stack",
                "properties": {"templateFile": "city.template.json", "stackName": "small-city"},
                "dependencies": ["city.assets"],
            },
        }
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def _stream() -> dict[str, Any]:
    return {
        "Facts": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "facts",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "fact", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "fact", "KeyType": "HASH"}],
                "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            },
        },
        "HearFacts": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Facts", "StreamArn"]},
                "FunctionName": {"Ref": "Hear"},
                "StartingPosition": "TRIM_HORIZON",
                "BatchSize": 10,
            },
        },
    }


def _api() -> dict[str, Any]:
    api = {"Ref": "Api"}
    return {
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {"Name": "front", "ProtocolType": "HTTP"},
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": api, "StageName": "$default", "AutoDeploy": True},
        },
        **_route("Echo", "ANY /v1/{proxy+}"),
        **_route("RaiseIt", "GET /v1/raise"),
    }


def _route(function: str, key: str) -> dict[str, Any]:
    integration = f"{function}Integration"
    return {
        integration: {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {"Fn::GetAtt": [function, "Arn"]},
                "PayloadFormatVersion": "2.0",
            },
        },
        f"{function}Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteKey": key,
                "Target": {"Fn::Join": ["/", ["integrations", {"Ref": integration}]]},
            },
        },
    }


def _file(name: str, source: str) -> dict[str, Any]:
    return {
        "source": {"path": f"asset.{name}", "packaging": "zip"},
        "destinations": {
            "here": {
                "bucketName": "assets-${AWS::AccountId}-${AWS::Region}",
                "objectKey": _key(name, source),
            }
        },
    }


def _key(name: str, source: str) -> str:
    # As the CDK names assets: by what is in them.
    return f"{name}-{sha256(source.encode()).hexdigest()[:16]}.zip"


def _code(name: str, source: str) -> dict[str, Any]:
    bucket = {"Fn::Sub": "assets-${AWS::AccountId}-${AWS::Region}"}
    return {"S3Bucket": bucket, "S3Key": _key(name, source)}


def _function(name: str, source: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Handler": "handler.handler",
            "Role": ROLE,
            "Code": _code(name, source),
            "Timeout": 2 if name == "sleep" else 10,
            "MemorySize": 512,
            "Layers": [{"Ref": "Layer"}],
            "Environment": {"Variables": {"THINGS_TABLE": "things"}},
        },
    }

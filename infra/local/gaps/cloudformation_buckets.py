"""ministack's CloudFormation drops a bucket's Object Lock and its encryption.

So what is put could be removed again at once, and a test could not see what protects it.
"""

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ministack.services import s3
from ministack.services.cloudformation import provisioners

_LOCK, _ENCRYPTION = "ObjectLockConfiguration", "BucketEncryption"


def _apply_settings(name: str, properties: Mapping[str, Any]) -> None:
    if properties.get(_LOCK):
        _put(s3._put_object_lock_configuration, name, _lock(properties[_LOCK]))
    if properties.get(_ENCRYPTION):
        _put(s3._put_bucket_encryption, name, _encryption(properties[_ENCRYPTION]))


def _put(put: Callable[..., Any], name: str, said: bytes) -> None:
    status, _, body = put(name, said)
    if status >= 300:
        raise ValueError(f"{name}: {body!r}")


def _lock(said: Mapping[str, Any]) -> bytes:
    root = Element(_LOCK)
    SubElement(root, "ObjectLockEnabled").text = "Enabled"
    if retention := (said.get("Rule") or {}).get("DefaultRetention"):
        rule = SubElement(SubElement(root, "Rule"), "DefaultRetention")
        for word in ("Mode", "Days", "Years"):
            if retention.get(word):
                SubElement(rule, word).text = str(retention[word])
    return tostring(root)


def _encryption(said: Mapping[str, Any]) -> bytes:
    root = Element("ServerSideEncryptionConfiguration")
    for each in said["ServerSideEncryptionConfiguration"]:
        rule = SubElement(root, "Rule")
        if default := each.get("ServerSideEncryptionByDefault"):
            by = SubElement(rule, "ApplyServerSideEncryptionByDefault")
            SubElement(by, "SSEAlgorithm").text = default["SSEAlgorithm"]
            if key := default.get("KMSMasterKeyID"):
                SubElement(by, "KMSMasterKeyID").text = key
        SubElement(rule, "BucketKeyEnabled").text = str(each.get("BucketKeyEnabled", False)).lower()
    return tostring(root)


def _with_settings(provision: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
    def provision_all(*arguments: Any, **more: Any) -> Any:
        name, attributes = provision(*arguments, **more)
        _apply_settings(name, arguments[properties_at])
        return name, attributes

    return provision_all


def apply() -> None:
    bucket = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    # The properties are the second argument of a creation and the third of an update.
    bucket["create"] = _with_settings(bucket["create"], 1)
    bucket["update"] = _with_settings(bucket["update"], 2)

"""Stacks, constructs and the embedded city; the CDK runs on the Node that is pinned with us."""

from infra import jsii_node

jsii_node.use()

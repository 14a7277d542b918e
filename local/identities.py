"""Clients of the embedded cloud, for the root user or for somebody who assumes a role."""

import json
import threading
from typing import Any

import boto3
from botocore.config import Config

from local.engine.settings import ACCOUNT_ID, SECRET

_CONFIG = Config(
    retries={"max_attempts": 2, "mode": "standard"}, connect_timeout=5, read_timeout=70, max_pool_connections=50
)


class Identities:
    """Makes boto3 clients that sign as somebody."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        self._endpoint_url = endpoint_url
        self._region = region
        self._roots: dict[str, Any] = {}
        self._making = threading.Lock()

    def root(self, service: str) -> Any:
        """The client of the account's root user, who may do everything; one a service, for all threads."""
        with self._making:  # sessions cannot be shared by threads while they make clients
            if service not in self._roots:
                keys = {"aws_access_key_id": ACCOUNT_ID, "aws_secret_access_key": SECRET}
                self._roots[service] = self._client(service, keys)
            return self._roots[service]

    def role(self, service: str, role: str, *, session: str = "session", source_identity: str | None = None) -> Any:
        """A client of a session of a role (name or ARN); a role that does not exist is made, with all rights."""
        source = {"SourceIdentity": source_identity} if source_identity else {}
        arn = role if role.startswith("arn:") else self._ensured(role)
        answer = self.root("sts").assume_role(RoleArn=arn, RoleSessionName=session, **source)
        keys = answer["Credentials"]
        return self._client(
            service,
            {
                "aws_access_key_id": keys["AccessKeyId"],
                "aws_secret_access_key": keys["SecretAccessKey"],
                "aws_session_token": keys["SessionToken"],
            },
        )

    def _client(self, service: str, keys: dict[str, str]) -> Any:
        maker: Any = boto3.session.Session(region_name=self._region)
        return maker.client(service, endpoint_url=self._endpoint_url, config=_CONFIG, **keys)

    def _ensured(self, name: str) -> str:
        iam = self.root("iam")
        try:
            return str(iam.get_role(RoleName=name)["Role"]["Arn"])
        except iam.exceptions.NoSuchEntityException:
            trust = _policy("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"})
            trust["Statement"].append({**trust["Statement"][0], "Action": "sts:SetSourceIdentity"})
            role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
            everything = json.dumps(_policy("*", Resource="*"))
            iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=everything)
            return str(role["Arn"])


def _policy(action: str, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, **more}]}

"""`Parameters` over SSM Parameter Store."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import code_of, translated
from sluice.adapters.moments import micros_of
from sluice.errors import TransientFailure
from sluice.model.parameter import PEOPLE, POLICIES, SCHEDULES, Labelling, Parameter

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterTypeDef

_PAGE = 10
"""Most parameters that GetParametersByPath gives at once."""

_LABEL_REFUSALS = {
    "ParameterVersionLabelLimitExceeded": Labelling.FULL,
    "ParameterNotFound": Labelling.GONE,
    "ParameterVersionNotFound": Labelling.GONE,
}


class SsmParameters:
    """Reads parameters as they are written (never decrypted) and labels versions."""

    def __init__(self, client: "SSMClient") -> None:
        self._client = client

    def read(self, name: str) -> Parameter | None:
        """The newest version, or None when there is none."""
        found = self._get(name)
        return None if found is None else _parameter(found)

    def read_all(self) -> Iterator[Parameter]:
        """Policies, schedules, then people."""
        for path in (POLICIES, SCHEDULES):
            pages = self._client.get_paginator("get_parameters_by_path").paginate(
                Path=path, Recursive=True, PaginationConfig={"PageSize": _PAGE}
            )
            with translated("GetParametersByPath"):
                for page in pages:
                    yield from (_parameter(found) for found in page["Parameters"])
        people = self.read(PEOPLE)
        if people is not None:
            yield people

    def written_by(self, name: str, version: int) -> str | None:
        """Who wrote a version, from the history of at most 100 versions that Parameter Store keeps."""
        pages = self._client.get_paginator("get_parameter_history").paginate(Name=name)
        try:
            versions = (found for page in pages for found in page["Parameters"])
            return next((found.get("LastModifiedUser") for found in versions if found["Version"] == version), None)
        except ClientError as error:
            if code_of(error) == "ParameterNotFound":
                return None
            with translated("GetParameterHistory"):
                raise

    def labelled(self, name: str, label: str) -> int | None:
        """The version that carries a label; `NAME:LABEL` is Parameter Store's way to ask for it."""
        found = self._get(f"{name}:{label}")
        return None if found is None else found["Version"]

    def label(self, name: str, version: int, label: str) -> Labelling:
        """Label a version. A version holds ten labels at most: an eleventh is refused, ours included."""
        try:
            answer = self._client.label_parameter_version(Name=name, ParameterVersion=version, Labels=[label])
        except ClientError as error:
            if code_of(error) in _LABEL_REFUSALS:
                return _LABEL_REFUSALS[code_of(error)]
            if code_of(error) == "TooManyUpdates":
                raise TransientFailure("LabelParameterVersion: TooManyUpdates") from error
            with translated("LabelParameterVersion"):
                raise
        return Labelling.FULL if answer.get("InvalidLabels") else Labelling.LABELLED

    def _get(self, name: str) -> "ParameterTypeDef | None":
        try:
            return self._client.get_parameter(Name=name)["Parameter"]
        except ClientError as error:
            if code_of(error) in ("ParameterNotFound", "ParameterVersionNotFound"):
                return None
            with translated("GetParameter"):
                raise


def _parameter(found: "ParameterTypeDef") -> Parameter:
    return Parameter(
        name=found["Name"],
        value=found["Value"],
        version=found["Version"],
        modified_at=micros_of(found["LastModifiedDate"]),
        type=found["Type"],
    )

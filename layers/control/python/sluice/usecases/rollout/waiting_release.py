"""The release that waits for a rollout: the name of its execution, and how another is begun where it waited."""

from sluice.core.rollout.naming import release_execution
from sluice.model.codec import encode
from sluice.model.ids import PackageArn
from sluice.model.release import Release
from sluice.model.rollout import Rollout
from sluice.ports import Executions
from sluice.usecases.admit_model_package import execution_name


def waiting_execution(rollout: Rollout) -> str:
    """Name of the execution that waits for this try of a rollout."""
    request = rollout.request
    arn = PackageArn.parse(request.package_arn)
    return release_execution(execution_name(arn.text, request.generation), rollout.tries)


def take_up_release(rollout: Rollout, name: str, releases: Executions) -> None:
    """Start an execution of the release that begins with waiting for its rollout, once a name."""
    request = rollout.request
    release = Release(
        release_id=request.release_id,
        package_arn=request.package_arn,
        group=request.group,
        version=request.version,
        generation=request.generation,
        region=request.region,
    )
    releases.start(name, encode(release) | {"begin": "rollout"})

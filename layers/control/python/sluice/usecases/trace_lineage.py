"""Where a model came from: follow what the package names as its origin."""

import re

from sluice.model.evidence import Lineage, PipelineRun, Training, Unread
from sluice.model.package import ModelPackage
from sluice.ports import LineageSource

MAX_TRAININGS = 10
"""More training jobs of one pipeline than this are not read one by one."""

_ORIGIN = re.compile(
    r"arn:aws[a-z-]*:sagemaker:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(training-job/.+|pipeline/.+/execution/.+)"
)


def trace_lineage(package: ModelPackage, source: LineageSource) -> Lineage:
    """The lineage of a package, with a reason for each part of it that cannot be read."""
    said = Lineage(generated_by=package.generated_by, source_commit=package.commit_id, repository=package.repository)
    if not package.generated_by:
        return said
    foreign = _not_followed(package, package.generated_by)
    if foreign:
        return _joined(said, unread=(Unread(package.generated_by, foreign),))
    if ":training-job/" in package.generated_by:
        return _trained(said, package, source, (package.generated_by,))
    run = source.pipeline_run(package.generated_by)
    if isinstance(run, Unread):
        return _joined(said, unread=(run,))
    return _trained(_joined(said, pipeline=run), package, source, run.training_jobs)


def _not_followed(package: ModelPackage, arn: str) -> str:
    """Names are read in our own account, where a stranger's job of the same name would pass for it."""
    match = _ORIGIN.fullmatch(arn)
    if match is None:
        return "neither a training job nor a pipeline execution"
    if (match["account"], match["region"]) != (package.arn.account, package.arn.region):
        return "it belongs to another account or region"
    return ""


def _trained(said: Lineage, package: ModelPackage, source: LineageSource, arns: tuple[str, ...]) -> Lineage:
    found = [source.training_job(arn) for arn in arns[:MAX_TRAININGS]]
    trainings = tuple(job for job in found if isinstance(job, Training))
    unread = tuple(job for job in found if isinstance(job, Unread))
    made_it = _makers(trainings, package)
    return _joined(said, trainings=made_it or trainings, unread=unread)


def _makers(trainings: tuple[Training, ...], package: ModelPackage) -> tuple[Training, ...]:
    """Of several jobs those whose model the package holds; none when the model was repacked on its way."""
    held = {container.model_data for container in package.containers if container.model_data}
    return tuple(job for job in trainings if job.model_data in held)


def _joined(
    said: Lineage,
    *,
    pipeline: PipelineRun | None = None,
    trainings: tuple[Training, ...] = (),
    unread: tuple[Unread, ...] = (),
) -> Lineage:
    return Lineage(
        generated_by=said.generated_by,
        pipeline=pipeline or said.pipeline,
        trainings=trainings,
        source_commit=said.source_commit,
        repository=said.repository,
        unread=(*said.unread, *unread),
    )

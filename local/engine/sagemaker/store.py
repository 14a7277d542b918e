"""What the SageMaker of the engine remembers, by account and region."""

from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

# Keys are lower-case ARNs: SageMaker lower-cases the names in the ARNs that it returns and accepts both spellings.
groups: Any = AccountRegionScopedDict()
packages: Any = AccountRegionScopedDict()
tags: Any = AccountRegionScopedDict()
training_jobs: Any = AccountRegionScopedDict()
pipeline_executions: Any = AccountRegionScopedDict()
pipeline_steps: Any = AccountRegionScopedDict()
client_tokens: Any = AccountRegionScopedDict()
models: Any = AccountRegionScopedDict()
endpoint_configs: Any = AccountRegionScopedDict()
endpoints: Any = AccountRegionScopedDict()
served: Any = AccountRegionScopedDict()
monitoring_schedules: Any = AccountRegionScopedDict()
monitoring_runs: Any = AccountRegionScopedDict()
processing_jobs: Any = AccountRegionScopedDict()

_REGISTRY = (groups, packages, tags, training_jobs, pipeline_executions, pipeline_steps, client_tokens)
_MONITORING = (monitoring_schedules, monitoring_runs, processing_jobs)
_ALL = (*_REGISTRY, models, endpoint_configs, endpoints, served, *_MONITORING)

TAGGED = (groups, packages, training_jobs, models, endpoint_configs, endpoints, monitoring_schedules)
"""What can have tags."""


def arn(kind: str, name: str) -> str:
    """ARN of a resource in the account and region of the request, the name lower-cased as SageMaker does."""
    return f"arn:aws:sagemaker:{get_region()}:{get_account_id()}:{kind}/{name.lower()}"


def key_of(kind: str, arn_or_name: str) -> str:
    """The key under which an ARN or a name is kept."""
    return arn_or_name.lower() if arn_or_name.startswith("arn:") else arn(kind, arn_or_name)


def clear() -> None:
    """Forget everything."""
    for part in _ALL:
        part.clear()

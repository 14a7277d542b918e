"""Where in AWS's console an endpoint and its logs are. Pure."""

from typing import Final
from urllib.parse import quote

_DOMAINS: Final = (("cn-", "console.amazonaws.cn"), ("us-gov-", "console.amazonaws-us-gov.com"))


def endpoint_page(region: str, endpoint: str) -> str:
    """The page of an endpoint."""
    return f"{_console(region)}/sagemaker/home?region={region}#/endpoints/{quote(endpoint, errors='replace')}"


def endpoint_logs(region: str, endpoint: str) -> str:
    """The log group of an endpoint's containers; the console wants its name quoted twice, `%` as `$25`."""
    group = quote(quote(f"/aws/sagemaker/Endpoints/{endpoint}", safe="", errors="replace"), safe="").replace(
        "%25", "$25"
    )
    return f"{_console(region)}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}"


def object_page(region: str, bucket: str, key: str) -> str:
    """The page of an object of S3."""
    return f"{_console(region)}/s3/object/{bucket}?region={region}&prefix={quote(key, errors='replace')}"


def _console(region: str) -> str:
    domain = next((domain for prefix, domain in _DOMAINS if region.startswith(prefix)), None)
    return f"https://{domain}" if domain else f"https://{region}.console.aws.amazon.com"

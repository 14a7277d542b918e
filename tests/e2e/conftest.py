"""One embedded cloud with Sluice deployed for all end-to-end tests; each test has model groups of its own."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from local.cloud import Cloud
from local.team import Team


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The cloud, with the template's roles enforced."""
    with Cloud(state=tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(scope="session")
def team(cloud: Cloud) -> Team:
    """Anna, Ben, Chen, Dana and Olga, introduced."""
    team = Team(cloud)
    team.introduce()
    return team


@pytest.fixture
def group() -> str:
    """A model group's name that no other test uses."""
    return f"fraud-{uuid4().hex[:8]}"

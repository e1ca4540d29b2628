"""What the tests of the health agent share: its agent."""

import pytest

from agents.health.agent import AGENT


@pytest.fixture
def agent():
    return AGENT

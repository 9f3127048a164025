"""What the tests share."""
import pytest
from gateway import FAKE, SERVERS, Gateway


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A gateway before the real servers."""
    gateway = Gateway(tmp_path_factory.mktemp("real"), SERVERS).start()
    yield gateway
    assert gateway.end() == 0
    gateway.verified()


@pytest.fixture
def fake(tmp_path):
    """A gateway before the fake server."""
    gateway = Gateway(tmp_path, FAKE, more="[limits]\nupstream = \"2s\"").start()
    yield gateway
    if gateway.process.poll() is None:
        assert gateway.end() == 0
        gateway.verified()

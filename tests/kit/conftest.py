"""A stage for the kit's own battery: shop and mirror on the real broker."""

import pytest

from tests.kit.running import Stage
from tests.kit.shop import CLERK, MirrorBase, ShopBase
from tests.servers import fresh_vhost


@pytest.fixture
def own_vhost(broker, broker_url):
    """A vhost of this test's own where the broker is ours, else the given one."""
    return broker_url if broker is None else fresh_vhost(broker)


@pytest.fixture
def stage(own_vhost, passport_keys, own_database):
    """Declared, nothing running yet; whatever the test starts is stopped after it."""
    made = Stage(
        own_vhost, passport_keys, own_database("shop", ShopBase.metadata), own_database("mirror", MirrorBase.metadata)
    )
    made.topology()
    yield made
    made.stop()


@pytest.fixture
def clerk(passport):
    return passport(grants=[CLERK])

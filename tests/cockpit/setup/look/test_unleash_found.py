"""What a real Unleash lists of its features and environments; nothing in it changes."""

import pytest

from cockpit.settings.models.flag_services import Unleash
from cockpit.settings.schema.secrets import Secrets, variable
from cockpit.setup.look.flag import ask_flags, ask_percent
from tests.support.peers.unleash_child import Admin, unleash
from tests.support.peers.unleash_peer import ADMIN

pytestmark = pytest.mark.xdist_group("unleash")

GRADUAL = {
    "name": "flexibleRollout",
    "parameters": {"rollout": "25", "stickiness": "default", "groupId": "looks"},
    "constraints": [],
}


async def test_a_real_unleash_lists_its_features_and_environments():
    secrets = Secrets({"TOKEN": ADMIN})
    with unleash() as url:
        admin = Admin(url)
        try:
            admin.make("new-looks", GRADUAL)
            place = Unleash(url=url, token=variable("TOKEN"), environment="development")
            found = await ask_flags(place, secrets)
            percent = await ask_percent(place, "new-looks", secrets)
            refused = await ask_flags(
                Unleash(url=url, token=variable("WRONG"), environment="x"), Secrets({"WRONG": "*:*.no"})
            )
        finally:
            admin.close()
    assert found.flags == ("new-looks",)
    assert set(found.environments) >= {"development", "production"}
    assert percent == 25
    assert refused.why.startswith("401")

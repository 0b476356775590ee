"""Unleash in memory, with the answers that the real server gave: one project, features with environments."""

import copy
from urllib.parse import parse_qs, unquote, urlsplit

ADMIN, CLIENT = "*:*.hunter2-canary", "*:development.hunter2-client"


def strategy(name="flexibleRollout", rollout="10", *, number=1, **more):
    found = {
        "id": f"s{number}",
        "name": name,
        "title": None,
        "disabled": False,
        "sortOrder": 0,
        "constraints": [{"contextName": "country", "operator": "IN", "values": ["DE"]}],
        "parameters": {"rollout": rollout, "stickiness": "userId", "groupId": "concierge"},
        "segments": [],
        "variants": [],
    }
    return found | more


def feature(name="concierge", *strategies, enabled=True, **more):
    here = {"name": "development", "enabled": enabled, "strategies": list(strategies or [strategy()])}
    environments = [here, {"name": "production", "enabled": False, "strategies": []}]
    return {"name": name, "archived": False, "dependencies": [], "environments": environments, **more}


class Unleash:
    """Holds features by their names; `between` is done after a reading, before the change that follows it."""

    def __init__(self, *features):
        self.features = {each["name"]: copy.deepcopy(each) for each in features or [feature()]}
        self.events = [
            {"createdBy": "bob", "createdAt": "2026-11-23T09:00:00.000Z", "environment": "production"},
            {"createdBy": "ann", "createdAt": "2026-11-23T08:00:00.000Z", "environment": "development"},
        ]
        self.lag = None
        self.between = None

    def __call__(self, method, path, document):
        parts = urlsplit(path)
        words = [unquote(word) for word in parts.path.split("/")[2:]]
        if words[:3] == ["admin", "search", "events"]:
            assert parse_qs(parts.query)["feature"] == ["IS:concierge"]
            return 200, {"events": self.events}
        if words[0] == "client":
            return 200, self.lag or self._client(words[2])
        assert words[:4] == ["admin", "projects", "default", "features"]
        name, *rest = words[4:]
        if name not in self.features:
            return 404, {
                "name": "NotFoundError",
                "message": f'There\'s no feature named "{name}" in project "default".',
            }
        if not rest:
            return 200, copy.deepcopy(self.features[name])
        if self.between:
            self.between()
        return self._change(self._here(name), rest[2:], document)

    def _here(self, name):
        return self.features[name]["environments"][0]

    def _change(self, here, words, document):
        if words in (["on"], ["off"]):
            here["enabled"] = words == ["on"]
            return 200, None
        (found,) = [each for each in here["strategies"] if each["id"] == words[1]]
        for change in document:
            if change["op"] == "test":
                assert change["path"] == "/parameters"
                if change["value"] != found["parameters"]:
                    said = "Test operation failed\nname: TEST_OPERATION_FAILED\nindex: 0"
                    return 500, {"name": "UnknownError", "message": said, "details": [{"message": said}]}
            else:
                assert (change["op"], change["path"]) == ("replace", "/parameters/rollout")
                assert isinstance(change["value"], str)
                found["parameters"]["rollout"] = change["value"]
        return 200, found

    def _client(self, name):
        here = self._here(name)
        kept = ("name", "constraints", "parameters", "variants")
        told = [{key: copy.deepcopy(each[key]) for key in kept} for each in here["strategies"] if not each["disabled"]]
        return {"name": name, "enabled": here["enabled"], "strategies": told}

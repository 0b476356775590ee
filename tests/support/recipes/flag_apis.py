"""GrowthBook, Flagsmith and PostHog in memory, as their documentation describes the parts that a rollout needs.

GrowthBook: REST API 4.4, "Partially update a feature" and "Toggle a feature" of v2 (docs.growthbook.io, 2026-10).
Flagsmith: "Experimental: Updating Flags" and the SDK's flags endpoint (docs.flagsmith.com, 2026-10).
PostHog: "Feature flags" of the API reference, and the flag's serializer in its public source (2026-10).
"""

from urllib.parse import parse_qs, unquote, urlsplit


class GrowthBook:
    """Features by their id; an update replaces the whole list of rules and publishes a revision."""

    def __init__(self):
        rule = {"id": "fr_concierge", "type": "rollout", "value": "true", "coverage": 0.1, "hashAttribute": "id"}
        rule |= {"allEnvironments": False, "environments": ["production"], "enabled": True, "description": ""}
        self.features = {
            "concierge": self.feature("concierge", [rule], enabled=True),
            "sla-message": self.feature("sla-message", [{**rule, "coverage": 1}], enabled=False),
        }

    @staticmethod
    def feature(name, rules, *, enabled):
        return {
            "id": name,
            "valueType": "boolean",
            "defaultValue": "false",
            "rules": rules,
            "environments": {"production": {"enabled": enabled}, "dev": {"enabled": True}},
            "revision": {"version": 7, "comment": "", "date": "2026-11-23T09:00:00.000Z", "publishedBy": "ann"},
            "dateUpdated": "2026-11-23T09:00:00.000Z",
        }

    def on(self, name):
        return self.features[name]["environments"]["production"]["enabled"]

    def __call__(self, method, path, document):
        version, kind, name, *rest = [unquote(word) for word in path.split("/")[2:]]
        assert (version, kind) == ("v2", "features")
        if name not in self.features:
            return 404, {"message": f"Unable to find feature - {name}"}
        found = self.features[name]
        if method == "POST":
            if rest == ["toggle"]:
                for where, on in document["environments"].items():
                    assert isinstance(on, bool)
                    found["environments"][where]["enabled"] = on
            else:
                for rule in document["rules"]:
                    assert 0 <= rule["coverage"] <= 1
                    assert rule["hashAttribute"]
                found["rules"] = document["rules"]
            found["revision"] = {**found["revision"], "version": found["revision"]["version"] + 1}
        return 200, {"feature": found}


class Flagsmith:
    """One multivariate feature in one environment, and switches that are told by their name."""

    def __init__(self):
        default = {"enabled": True, "value": {"type": "string", "value": "off"}}
        self.flag = {"environment_default": default | {"variants": [{"id": 33, "weight": 10}]}, "segment_overrides": []}
        self.switches = {"sla-message": False}

    def on(self, name):
        return self.switches[name]

    def __call__(self, method, path, document):
        parts = urlsplit(path)
        if parts.path == "/api/v1/flags/":
            (name,) = parse_qs(parts.query)["feature"]
            if name not in self.switches:
                return 404, {"detail": "Given feature not found"}
            return 200, {"feature": {"name": name}, "enabled": self.switches[name], "feature_state_value": True}
        if parts.path == "/api/experiments/environments/ENVIRONMENT/update-flag-v1/":
            assert (method, document["value"]) == ("POST", {"type": "boolean", "value": "true"})
            self.switches[document["feature"]["name"]] = document["enabled"]
            return 204, None
        assert parts.path == "/api/__future__/environments/ENVIRONMENT/features/4321/"
        if method == "PATCH":
            held = self.flag["environment_default"]
            given = document["environment_default"]
            if {one["id"] for one in given["variants"]} != {one["id"] for one in held["variants"]}:
                return 400, {"detail": "variants must include all variants of the feature"}
            held |= given
        return 200, self.flag


class PostHog:
    """One boolean flag with one release condition; a change of `filters` replaces all of it."""

    def __init__(self):
        groups = [{"properties": [], "rollout_percentage": 10, "variant": None}]
        self.flag = {
            "id": 678,
            "key": "concierge",
            "active": True,
            "deleted": False,
            "filters": {"groups": groups, "payloads": {}, "multivariate": None},
            "version": 4,
            "updated_at": "2026-11-23T09:00:00.123456Z",
            "last_modified_by": {"email": "ann@example.org"},
        }
        self.others = {679: {**self.flag, "id": 679, "key": "sla-message", "active": False}}

    def on(self, name):
        (found,) = [flag for flag in self.others.values() if flag["key"] == name]
        return found["active"]

    def __call__(self, method, path, document):
        *_, project, kind, number, end = path.split("/")
        assert (project, kind, end) == ("12345", "feature_flags", "")
        found = {678: self.flag, **self.others}.get(int(number))
        if found is None:
            return 404, {"type": "invalid_request", "code": "not_found", "detail": "Not found.", "attr": None}
        if method == "PATCH":
            found |= document
            found["version"] += 1
        return 200, found

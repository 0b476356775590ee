"""LaunchDarkly as its documentation describes it, as far as a rollout needs it: flags, semantic patch, audit log."""

import copy
from urllib.parse import parse_qs, unquote, urlsplit

ON, OFF, RED = "id-on", "id-off", "id-red"


def flag(name="concierge", *, fallthrough=None, on=True, rules=(), off=1, variations=None, **more):
    """A boolean flag in production, 10 % on."""
    share = {"variations": [{"variation": 0, "weight": 10_000}, {"variation": 1, "weight": 90_000}]}
    return {
        "key": name,
        "kind": "boolean",
        "_version": 3,
        "variations": variations or [{"_id": ON, "value": True, "name": "yes"}, {"_id": OFF, "value": False}],
        "environments": {
            "production": {
                "on": on,
                "version": 61,
                "lastModified": 1763900000000,
                "targets": [],
                "rules": list(rules),
                "fallthrough": fallthrough or {"rollout": share},
                "offVariation": off,
                **more,
            }
        },
    }


class LaunchDarkly:
    """Holds flags by their keys; what it may not do is asserted."""

    def __init__(self, *flags):
        self.flags = {each["key"]: copy.deepcopy(each) for each in flags or [flag()]}
        self.log = [{"member": {"email": "ann@example.org"}, "date": 1763900000000}]
        self.applied = 0

    def __call__(self, method, path, document):
        parts = urlsplit(path)
        words = [unquote(word) for word in parts.path.split("/")[3:]]
        if words == ["auditlog"]:
            assert parse_qs(parts.query)["spec"] == ["proj/default:env/production:flag/concierge"]
            return 200, {"items": self.log}
        kind, project, name = words
        assert (kind, project) == ("flags", "default")
        if name not in self.flags:
            return 404, {"code": "not_found", "message": "Unknown feature flag key"}
        if method == "PATCH":
            self._patch(self.flags[name], document)
        return 200, self.flags[name]

    def _patch(self, held, document):
        here = held["environments"][document["environmentKey"]]
        indices = {item["_id"]: index for index, item in enumerate(held["variations"])}
        for instruction in document["instructions"]:
            match instruction:
                case {"kind": "turnFlagOn" | "turnFlagOff" as kind}:
                    here["on"] = kind == "turnFlagOn"
                case {"kind": "updateFallthroughVariationOrRollout"}:
                    here["fallthrough"] = self._served(instruction, indices)
                case {"kind": "updateRuleVariationOrRollout", "ruleId": rule}:
                    (found,) = [each for each in here["rules"] if each["_id"] == rule]
                    found.pop("rollout", None), found.pop("variation", None)
                    found |= self._served(instruction, indices)
        here["version"] += 1
        self.applied += 1

    @staticmethod
    def _served(instruction, indices):
        if "variationId" in instruction:
            return {"variation": indices[instruction["variationId"]]}
        weights = instruction["rolloutWeights"]
        assert sum(weights.values()) == 100_000
        shares = [{"variation": indices[name], "weight": weight} for name, weight in weights.items()]
        kept = {"contextKind": "rolloutContextKind", "bucketBy": "rolloutBucketBy"}
        return {"rollout": {"variations": shares} | {k: instruction[n] for k, n in kept.items() if n in instruction}}

"""The headers that say whose a request to the demo service is."""

SYNTHETIC = "X-Synthetic"
"""The header of a request that a probe or the monitor sends: counted like any other, it writes no documents."""

HAD_FLAG = "X-Flag"
"""The header of who has the flag (`on`) and who has not (`off`); a request without it tries the feature."""

RUN_ID = "X-Run-Id"
"""The header that names a synthetic run; its events carry the name."""

"""No cache keeps what is answered to who shows a pass."""

import pytest


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({"oncommons-permit": "P-7.guess"}, "private, no-store"),
        ({"authorization": "Bearer P-7.guess"}, "private, no-store"),
        ({"authorization": "Bearer onc_token"}, "no-cache"),
        ({}, "no-cache"),
    ],
)
def test_an_answer_to_a_pass_is_kept_nowhere(hub, headers, kept):
    feed = hub("GET", "/api/saved/feed.atom", headers=headers)
    assert feed.headers["cache-control"] == kept
    refused = hub("GET", "/api/saved", headers=headers).headers.get("cache-control", "")
    assert refused == ("private, no-store" if "P-7" in str(headers) else "")

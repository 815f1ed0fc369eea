"""Signatures that every library for Standard Webhooks understands."""

from __future__ import annotations

from vlog.webhooks.signatures import signed_headers


def test_the_signature_is_that_of_the_standard() -> None:
    # The example that the standard's own libraries are tested with.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    found = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [secret]
    )
    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_make_two_signatures() -> None:
    secrets = ["whsec_AAAA", "whsec_BBBB"]
    both = signed_headers("msg_1", 1, b"x", secrets)["webhook-signature"].split()
    apart = [signed_headers("msg_1", 1, b"x", [one])["webhook-signature"] for one in secrets]
    assert both == apart
    assert both[0] != both[1]

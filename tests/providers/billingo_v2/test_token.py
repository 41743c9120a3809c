"""The token that opens an account of Billingo v2, claim by claim."""

import hashlib

import jwt

from .case import PRIVATE_KEY, PUBLIC_KEY, strategy

NOW = 1_800_000_000.0


def token():
    return strategy("http://127.0.0.1:9", clock=lambda: NOW).api.token()


def claims():
    return jwt.decode(
        token(),
        PRIVATE_KEY,
        algorithms=["HS256"],
        options={"verify_exp": False, "verify_iat": False},
    )


def test_it_is_signed_by_the_private_key_with_hs256():
    assert jwt.get_unverified_header(token()) == {"alg": "HS256", "typ": "JWT"}
    assert claims()


def test_it_names_the_user_by_the_public_key():
    assert claims()["sub"] == PUBLIC_KEY


def test_it_lives_half_a_minute_at_most():
    issued, expires = claims()["iat"], claims()["exp"]
    assert issued <= NOW < expires
    assert expires - issued <= 30


def test_its_name_is_the_md5_of_user_and_moment():
    text = f"{PUBLIC_KEY}{claims()['iat']}"
    assert claims()["jti"] == hashlib.md5(text.encode()).hexdigest()


def test_it_says_where_it_comes_from_and_nothing_else():
    assert claims()["iss"] == "urn:odoo:salon_invoice_bridge"
    assert set(claims()) == {"sub", "iat", "exp", "iss", "jti"}


def test_it_does_not_contain_the_private_key():
    assert PRIVATE_KEY not in token()

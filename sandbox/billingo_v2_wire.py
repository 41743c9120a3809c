"""How Billingo's API v2 is signed for, read and refused."""

import hashlib
import json
from decimal import Decimal

import jwt
from werkzeug.wrappers import Response

from . import schema

#: "Never set the expiry to be more than half a minute."
LONGEST_LIFE = 30
CLAIMS = ("sub", "iat", "exp", "iss", "jti")


class Refusal(Exception):
    """An answer that is an error.

    :param dict errors: JSON path -> what is wrong there
    """

    def __init__(self, status, message="", errors=None):
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


def subject(request):
    """Return ``(token, public key)`` of a request; both "" without a readable token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme not in ("Bearer", "Beamer"):  # the vendor's old typo works as well
        return "", ""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return "", ""
    public_key = claims.get("sub")
    return token, public_key if isinstance(public_key, str) else ""


def check_token(token, private_key, now):
    """Refuse a token that the vendor's rules do not allow.

    :param float now: Unix time at the service
    """
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(
            token,
            private_key,
            algorithms=["HS256"],
            options={
                "require": list(CLAIMS),
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidSignatureError:
        raise Refusal(401, "Signature verification failed") from None
    except jwt.PyJWTError as error:
        raise Refusal(401, f"Wrong token: {error}") from None
    issued, expires = claims["iat"], claims["exp"]
    if header.get("typ") != "JWT" or set(claims) != set(CLAIMS) or not claims["iss"]:
        raise Refusal(401, "Wrong token: header or claims")
    if type(issued) is not int or type(expires) is not int:
        raise Refusal(401, "Wrong token: times are whole seconds")
    if issued > now + 1:
        raise Refusal(401, f"Cannot handle token prior to {issued}")
    if expires <= now:
        raise Refusal(401, "Expired token")
    if expires - issued > LONGEST_LIFE:
        raise Refusal(401, "Wrong token: it lives longer than half a minute")
    name = f"{claims['sub']}{issued}".encode()
    if claims["jti"] != hashlib.md5(name, usedforsecurity=False).hexdigest():
        raise Refusal(401, "Wrong token: jti")


def data(request):
    """Return the JSON object in a request's body, fractions as Decimals."""
    if request.mimetype != "application/json":
        raise Refusal(400, "The request is not JSON")
    try:
        values = json.loads(request.get_data(), parse_float=Decimal)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise Refusal(400, "The request is not a JSON object")
    return values


def hold(rule, values):
    """Refuse ``values`` that are not what ``rule`` says, field by field."""
    errors = dict(schema.check(rule, values))
    if errors:
        raise Refusal(400, errors={_path(name): errors[name] for name in errors})


def _path(name):
    """``items.0.qty`` -> ``items[0].qty``, as the service names a place."""
    words = []
    for word in name.split("."):
        if word.isdigit() and words:
            words[-1] += f"[{word}]"
        else:
            words.append(word)
    return ".".join(words)


def answer(value, status=200):
    """Return ``value`` as a JSON response; Decimals become numbers."""
    body = json.dumps(value, ensure_ascii=False, default=_plain)
    return Response(body, status, content_type="application/json")


def success(kind, value):
    """Return the envelope of a success."""
    return answer({"success": True, "type": kind, "data": value})


def failure(refusal):
    """Return the envelope of a failure."""
    content = {"success": False}
    if refusal.errors:
        content["errors"] = refusal.errors
    else:
        content["error"] = refusal.message
    return answer(content, refusal.status)


def page(request, things):
    """Return the part of ``things`` that ``page`` and ``max_per_page`` ask for."""
    try:
        number = int(request.args.get("page", 1))
        size = min(int(request.args.get("max_per_page", 20)), 50)
    except ValueError:
        number = size = 0
    if number < 1 or size < 1:
        raise Refusal(400, "page and max_per_page are positive numbers")
    return things[(number - 1) * size : number * size]


def _plain(value):
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    return int(value) if value == value.to_integral_value() else float(value)

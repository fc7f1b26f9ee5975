"""Tokens of an establishment's programs: which organisation speaks, and what it may ask for."""

from miss.directory.establishments.tokens.errors import ApiTokenNotFound, ApiTokenRefused, TooManyApiTokens
from miss.directory.establishments.tokens.model import ApiToken, IssuedToken, TokenScope, bearer_of
from miss.directory.establishments.tokens.service import ApiTokens

__all__ = [
    "ApiToken",
    "ApiTokenNotFound",
    "ApiTokenRefused",
    "ApiTokens",
    "IssuedToken",
    "TokenScope",
    "TooManyApiTokens",
    "bearer_of",
]

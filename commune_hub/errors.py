"""What can go wrong when staff ask the hub for something; the text is for them to read."""

from __future__ import annotations


class HubError(Exception):
    """A request that is refused; the text says why and what to do, Vietnamese first."""


class InvalidError(HubError):
    """What was sent is not acceptable; the text names the field."""


class MissingError(HubError):
    """What was asked for is not there."""


class ConflictError(HubError):
    """The request does not fit the state that things are in."""


class FullError(HubError):
    """There is no room for what was brought."""


class ForbiddenError(HubError):
    """The account may not do this."""


class SignInError(HubError):
    """Account or password are wrong, or the account is locked."""

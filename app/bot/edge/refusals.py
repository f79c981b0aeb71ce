"""What the entry refuses, each with its status code; the reason is for the log alone."""


class RequestRefused(Exception):
    """The request is not acted on."""

    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadRequest(RequestRefused):
    status = 400


class Unauthorized(RequestRefused):
    status = 401


class Forbidden(RequestRefused):
    status = 403


class MethodNotAllowed(RequestRefused):
    status = 405


class TooSlow(RequestRefused):
    status = 408


class TooLarge(RequestRefused):
    status = 413


class UnsupportedMediaType(RequestRefused):
    status = 415


class Unavailable(RequestRefused):
    status = 503

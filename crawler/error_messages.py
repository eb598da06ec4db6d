"""Error messages for requests that failed."""

from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from service_identity import VerificationError
from twisted.web.client import ResponseFailed

from presswatch.chromium import NotRendered
from presswatch.errors import PresswatchError
from presswatch.model import FaultKind

_UNACCEPTED = (
    "its certificate is not accepted: {}; if you trust the site, verify_tls: false in the source's file "
    "(`presswatch sources add URL --no-verify-tls` writes it) accepts any of its start pages' hosts"
)


def explain(error: BaseException) -> str:
    """One sentence for people about why a page could not be had."""
    match error:
        case PresswatchError():
            return str(error)
        case CannotResolveHostError():
            return "its host name is not known (DNS)"
        case DownloadConnectionRefusedError():
            return "the server refuses connections"
        case DownloadTimeoutError():
            return "no full answer in time"
        case DownloadCancelledError():
            return "it is larger than is allowed"
        case ResponseDataLossError():
            return "the answer broke off"
        case DownloadFailedError():
            return _failed(error)
        case TunnelError():
            return f"the proxy makes no connection: {error}"
        case IgnoreRequest():
            return _ignored(str(error))
        case _:
            return f"{type(error).__name__}: {error}".rstrip(": ")


def fault_kind(error: BaseException) -> FaultKind:
    """The same in short, for those who are told in another language."""
    match error:
        case NotRendered():
            return FaultKind.OURS
        case CannotResolveHostError():
            return FaultKind.NO_HOST
        case DownloadTimeoutError():
            return FaultKind.NO_ANSWER
        case DownloadConnectionRefusedError() | ResponseDataLossError() | TunnelError():
            return FaultKind.NO_CONNECTION
        case DownloadFailedError():
            unaccepted = any(_is_of_certificate(reason) for reason in _reasons(error))
            return FaultKind.CERTIFICATE if unaccepted else FaultKind.NO_CONNECTION
        case _:
            return FaultKind.NOT_FETCHED


def _ignored(message: str) -> str:
    # Scrapy tells these apart by their text alone.
    if "DOWNLOAD_MAXSIZE" in message:
        return "unpacked it is larger than is allowed"
    if message == "max redirections reached":
        return "it redirects without end"
    return message or "it was refused"


def _failed(error: DownloadFailedError) -> str:
    told = "; ".join(_connection_error(reason) for reason in _reasons(error))
    return f"the connection failed: {told}" if told else "the connection failed"


def _reasons(error: DownloadFailedError) -> list[BaseException]:
    cause = error.__cause__
    return [failure.value for failure in cause.reasons] if isinstance(cause, ResponseFailed) else []


def _is_of_certificate(reason: BaseException) -> bool:
    return isinstance(reason, VerificationError) or "certificate verify failed" in str(reason)


def _connection_error(reason: BaseException) -> str:
    if isinstance(reason, PresswatchError):
        return str(reason)
    if isinstance(reason, VerificationError):
        return _UNACCEPTED.format("it is for another host")
    if isinstance(reason, SSL.Error) and "certificate verify failed" in str(reason):
        return _UNACCEPTED.format("it is expired, self-signed or of an unknown authority")
    detail = str(reason).strip() or "no details"
    return f"{type(reason).__name__}: {detail}"

"""Why a connection failed, in the words of the system that said so first."""

import ssl


def first_said(error: BaseException) -> OSError | None:
    """What the system or TLS said, behind what libraries made of it; None where neither said anything."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and (inner.strerror or isinstance(inner, ssl.SSLCertVerificationError)):
            return inner
        inner = inner.__cause__ or inner.__context__
    return None


def in_words(said: OSError) -> str:
    """The same for people, without classes of libraries and without the address."""
    return said.verify_message if isinstance(said, ssl.SSLCertVerificationError) else said.strerror or ""

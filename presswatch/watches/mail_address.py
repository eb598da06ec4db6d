"""Mail addresses as DNS and SMTP servers know them."""


def idna_address(address: str) -> str:
    """The address with its domain as DNS knows it: `post@übung.example` is `post@xn--bung-zra.example`."""
    local, _at, host = address.rpartition("@")
    return f"{local}@{host if host.isascii() else host.encode('idna').decode()}"


def domain(address: str) -> str:
    """What stands after the @, as DNS knows it."""
    return idna_address(address).rpartition("@")[2]

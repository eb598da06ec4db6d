"""Mail addresses as DNS and SMTP servers know them."""


def idna_address(address: str) -> str:
    """The address with its domain as DNS knows it: `post@übung.example` is `post@xn--bung-zra.example`."""
    local, _at, host = address.rpartition("@")
    return f"{local}@{host if host.isascii() else host.encode('idna').decode()}"


def name_and_address(recipient: str) -> tuple[str, str]:
    """Of `Jane Doe <jane@example.org>` the name and the address; of an address alone "" and itself."""
    name, opening, rest = recipient.rpartition("<")
    return (name.strip(), rest.rstrip("> ")) if opening else ("", recipient)


def domain(address: str) -> str:
    """What stands after the @, as DNS knows it."""
    return idna_address(address).rpartition("@")[2]

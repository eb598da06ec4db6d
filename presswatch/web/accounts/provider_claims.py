"""What the claims of a provider of OpenID Connect say of somebody: their name, and their role."""

from collections.abc import Iterator, Mapping

from presswatch.accounts import AccountRefused, Role, new_name
from presswatch.config.models import OidcConfig, RolesOfClaim
from presswatch.web.accounts.provider_faults import Fault, SignInRefused

Claims = Mapping[str, object]


def claim(claims: Claims, path: str) -> object:
    """The claim of this name, or else the one within others that the name's dots lead to; None without one.

    Names have dots of their own (`https://example.org/groups`), so each may stand for itself.
    """
    if path in claims:
        return claims[path]
    for place, letter in enumerate(path):
        inner = claims.get(path[:place]) if letter == "." else None
        if isinstance(inner, Mapping) and (found := claim(inner, path[place + 1 :])) is not None:
            return found
    return None


def needed(oidc: OidcConfig) -> Iterator[str]:
    """The claims without which nobody can sign in."""
    yield oidc.account_claim
    if oidc.account_claim == "email":
        yield "email_verified"
    if oidc.roles is not None:
        yield oidc.role_claim


def account_named(claims: Claims, oidc: OidcConfig) -> str:
    """The name of the account, as accounts are named. Raises SignInRefused."""
    named = claim(claims, oidc.account_claim)
    if not isinstance(named, str) or not named.strip():
        known = ", ".join(sorted(claims))
        raise SignInRefused(Fault.NAMELESS, f"no text in the claim {oidc.account_claim}; there are {known}")
    # Some providers write their truth in quotes.
    if oidc.account_claim == "email" and claims.get("email_verified") not in (True, "true"):
        raise SignInRefused(Fault.NOT_VERIFIED, "the claim email_verified is not true", named)
    try:
        return new_name(named)
    except AccountRefused as refused:
        raise SignInRefused(Fault.NAME, f"the claim {oidc.account_claim}: {refused}", named) from refused


def role_given(claims: Claims, oidc: OidcConfig, roles: RolesOfClaim) -> Role:
    """The highest role that the claim gives. Raises SignInRefused."""
    found = claim(claims, oidc.role_claim)
    if found is None:
        # Entra ID says so, of whoever is in more groups than a token holds.
        are_too_many = "hasgroups" in claims or "_claim_names" in claims
        why = "; the provider says that there are too many to tell" if are_too_many else ""
        known = ", ".join(sorted(claims))
        raise SignInRefused(Fault.NO_GROUPS, f"no claim {oidc.role_claim}{why}; there are {known}")
    values = set(_values(found))
    for role in sorted(Role, reverse=True):
        if values.intersection(getattr(roles, role.word)):
            return role
    raise SignInRefused(Fault.NO_ROLE, f"no value of the claim {oidc.role_claim} is one of roles")


def _values(found: object) -> Iterator[str]:
    """The texts of a list, of one text, or the keys of an object; none is taken apart at commas or blanks."""
    each = [found] if isinstance(found, str) else found
    for value in each if isinstance(each, list | Mapping) else ():
        if isinstance(value, str):
            yield value
            # Keycloak says the path of a group: this is the one that is below no other.
            if value.startswith("/") and "/" not in value[1:]:
                yield value[1:]

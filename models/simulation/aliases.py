"""Aliases of the simulated staff, made from division codes, so that accounts can be made to match the events."""


def informant_alias(village: str, number: int) -> str:
    """The informants of a village are numbered from 1."""
    return f"i{village[4:]}-{number}"


def administrator_alias(village: str) -> str:
    """The township cadre posted to a village (动态管理员)."""
    return f"a{village[4:]}"


def station_alias(township: str) -> str:
    """The clerk of a township's station (管理站)."""
    return f"s{township[4:]}"


def centre_alias(county: str) -> str:
    """The office clerk of a county's centre (管理中心)."""
    return f"c{county[4:]}"

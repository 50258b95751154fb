"""What ``d110 bench sync`` measures."""

from typing import Final

#: In this order: pushes are measured on what the no-ops have left, a county's database.
PARTS: Final = ("transfers", "no-ops", "push", "crowd", "live")

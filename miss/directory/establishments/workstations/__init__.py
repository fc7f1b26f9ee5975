"""What an establishment imposes on the devices that its people open MiSS on: after how long they lock."""

from miss.directory.establishments.workstations.errors import LockRefused
from miss.directory.establishments.workstations.model import FREE, Imposed, parse_imposed
from miss.directory.establishments.workstations.service import Workstations

__all__ = ["FREE", "Imposed", "LockRefused", "Workstations", "parse_imposed"]

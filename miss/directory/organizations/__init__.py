"""Where people practise, as the national register names it."""

from miss.directory.organizations.errors import OrganizationNotFound
from miss.directory.organizations.service import Organizations

__all__ = ["OrganizationNotFound", "Organizations"]

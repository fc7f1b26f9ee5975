"""Requests for advice as JSON over HTTP, for the desktop client and for pages: OpenAPI is made from the code."""

from teleexpertise.api.operations import TeleexpertiseApi

__all__ = ["TeleexpertiseApi"]

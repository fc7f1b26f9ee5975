"""Photographs from outside, made safe to keep: `reading` is the process that decodes one, `sandbox` starts it."""

from miss.photos.reading import PhotoRefused, Refusal
from miss.photos.sandbox import PhotoSandbox

__all__ = ["PhotoRefused", "PhotoSandbox", "Refusal"]

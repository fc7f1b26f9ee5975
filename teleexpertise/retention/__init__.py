"""What requests said is destroyed in its time, by destroying their keys: gone from backups of the database too."""

from teleexpertise.retention.service import Retention

__all__ = ["Retention"]

"""What those who coordinate, answer and ask see move: the figures of a pool, and the word that something changed."""

from teleexpertise.board.model import PoolFigures
from teleexpertise.board.service import Board

__all__ = ["Board", "PoolFigures"]

"""What follows an answer: the patient is told, photographs are taken again, and somebody says whether it helped."""

from teleexpertise.follow_up.model import SurveyQuestion
from teleexpertise.follow_up.series import Series, SeriesReading
from teleexpertise.follow_up.service import FollowUp

__all__ = ["FollowUp", "Series", "SeriesReading", "SurveyQuestion"]

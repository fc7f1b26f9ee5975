"""Guided forms: what is asked of a requester and of an expert, and what may be made of the answers.

FHIR R4 (4.0.1) `Questionnaire` and `QuestionnaireResponse`, the subset of teleexpertise.md §3, and a few extensions
of ours (`fhir.py`).  Everything here is pure: values in, values out; the forms themselves live in `forms/`.
"""

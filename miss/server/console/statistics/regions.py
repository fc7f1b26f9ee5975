"""The 18 regions of France by INSEE's code (code officiel géographique), and the collectivities that are none."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

REGIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "84": "Auvergne-Rhône-Alpes",
        "27": "Bourgogne-Franche-Comté",
        "53": "Bretagne",
        "24": "Centre-Val de Loire",
        "94": "Corse",
        "44": "Grand Est",
        "32": "Hauts-de-France",
        "11": "Île-de-France",
        "28": "Normandie",
        "75": "Nouvelle-Aquitaine",
        "76": "Occitanie",
        "52": "Pays de la Loire",
        "93": "Provence-Alpes-Côte d’Azur",
        "01": "Guadeloupe",
        "02": "Martinique",
        "03": "Guyane",
        "04": "La Réunion",
        "06": "Mayotte",
    }
)
COLLECTIVITIES: Final[Mapping[str, str]] = MappingProxyType(
    {"975": "Saint-Pierre-et-Miquelon", "977": "Saint-Barthélemy", "978": "Saint-Martin"}
)

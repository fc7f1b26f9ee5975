"""RPPS numbers of the people who play a part in the demonstration."""

ANNE_MODELE = "99900000011"
"""Dermatologist, CH fictif de Lille."""
PAUL_EXEMPLE = "99900000029"
"""General practitioner, Dunkerque."""
KARIM_ESSAI = "99900000037"
"""Dermatologist, CH fictif de Lille."""
LUCIE_SPECIMEN = "99900000045"
"""Dermatologist, CHU fictif de La Réunion."""
CLAIRE_TEMOIN = "99900000052"
"""Nurse, EHPAD fictif Les Dunes, Dunkerque."""
HUGO_FACTICE = "99900000060"
"""Biologist, Laboratoire fictif de biologie médicale, Lille."""
INES_BROUILLON = "99900000078"
"""Cardiologist, in private practice and at the CH fictif de Lille."""
MARC_COORDO = "99900000086"
"""Public-health physician, CH fictif de Lille: coordinator of the dermatology pool."""

EVERYBODY = (
    *(ANNE_MODELE, PAUL_EXEMPLE, KARIM_ESSAI, LUCIE_SPECIMEN),
    *(CLAIRE_TEMOIN, HUGO_FACTICE, INES_BROUILLON, MARC_COORDO),
)

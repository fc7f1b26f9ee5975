"""How many there are in the short forms."""

PEOPLE, GROUP = 40, 5
GROUPS = PEOPLE // GROUP

"""Who may read what: the rules of protocol §4 and §5 on names, without cryptography, network or clock.

A message is for those who are members where it stands in the log.  A newcomer is let into the past only if the
conversation is open, and only into what the person who lets them in can read.  Whoever is started over by the operator
loses everything of before.  Nothing else gives or takes: not a device more or less, nor another key, nor a crash.
"""

from dataclasses import dataclass, field

from miss.protocol.crypto.commits import Role

Name = str
"""Of a person, a device or a conversation: what a failing example is told in."""


@dataclass
class Said:
    """One message of the log."""

    text: str
    readers: set[Name]
    """The people whose devices have to show it."""


@dataclass
class Goodbye:
    """Somebody asked to be taken out."""

    knows: set[Name]
    """Who can read that."""


@dataclass(repr=False)
class Room:
    """A conversation."""

    name: Name
    is_open: bool
    """True if newcomers read what was before them."""
    roles: dict[Name, Role]
    said: dict[int, Said] = field(default_factory=dict)
    """By place in the log."""
    leaving: dict[Name, Goodbye] = field(default_factory=dict)
    locked_out: set[Name] = field(default_factory=set)
    """Members who were started over, until somebody who still has the secret in force renews it."""
    everybody: set[Name] = field(default_factory=set)
    """Whoever was a member at any time."""
    before: set[Name] = field(default_factory=set)
    """The members when everything had last come to rest."""

    def __repr__(self) -> str:
        return self.name

    def __post_init__(self) -> None:
        self.before = set(self.roles)
        self.everybody = set(self.roles)

    def say(self, seq: int, text: str, members: set[Name]) -> None:
        """A message was given its place while the members went from `before` to what they are.

        `members`: those under whose secret it was sealed.  About whoever came or went in the same moment only the
        order of the log decides.
        """
        assert seq not in self.said, f"two messages stand at place {seq} of {self.name}"
        now = set(self.roles)
        # Whoever comes into an open conversation reads it, whether it stands before them or after.
        readers = (now if self.is_open else now & self.before) - self.leaving.keys()
        self.said[seq] = Said(text, readers | ((now | self.before) & members))
        self.renew()

    def join(self, newcomer: Name, role: Role, by: Name) -> None:
        """`by` lets somebody in."""
        self.roles[newcomer] = role
        self.everybody.add(newcomer)
        self.renew()
        if not self.is_open:
            return
        for said in self.said.values():
            if by in said.readers:
                said.readers.add(newcomer)
        for goodbye in self.leaving.values():
            if by in goodbye.knows:
                goodbye.knows.add(newcomer)

    def part(self, person: Name) -> None:
        """Somebody is taken out."""
        del self.roles[person]
        self.leaving.pop(person, None)
        self.renew()

    def renew(self) -> None:
        """A new secret is sealed to every member."""
        self.locked_out.clear()

    def say_goodbye(self, person: Name) -> None:
        """Somebody's wish to leave stands in the log."""
        self.leaving[person] = Goodbye(self.before & set(self.roles))

    def start_over(self, person: Name) -> None:
        """The operator has given somebody an identity back, and no more than that."""
        for known in (*self.said.values(), *(Said("", goodbye.knows) for goodbye in self.leaving.values())):
            known.readers.discard(person)
        if person in self.roles:
            self.locked_out.add(person)

    def readable(self, person: Name) -> dict[int, str]:
        """What every device of `person` shows, by place."""
        return {seq: said.text for seq, said in sorted(self.said.items()) if person in said.readers}

    @property
    def admins(self) -> list[Name]:
        return [name for name, role in self.roles.items() if role is Role.ADMIN]

    def is_last_admin(self, person: Name) -> bool:
        """True for somebody who has to name another one before they go."""
        return self.admins == [person]

    def who_takes_out(self, person: Name) -> list[Name]:
        """The admins whose devices answer a goodbye."""
        return [admin for admin in self.admins if admin != person and admin in self.leaving[person].knows]

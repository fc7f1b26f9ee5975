"""How long and how large: a real measurement, and the quick one that shows that everything works."""

from dataclasses import dataclass

from bench.rows import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Numbers of one session."""

    runs: int = 3
    group: int = 10
    payload_bytes: int = 300
    users: int = 200
    """saturated, rate, connect, catchup."""
    sparse_users: int = 2_000
    idle_users: int = 10_000
    conversations: int = 5_000
    """list."""
    missed: int = 1_000
    repeats: int = 30
    warm_up_s: float = 2.0
    measure_s: float = 8.0
    rates_per_s: tuple[float, ...] = (500.0, 1_000.0)

    @property
    def groups_people(self) -> int:
        """People of the world that has groups."""
        return max(self.users, self.sparse_users)

    def users_of(self, mode: Mode) -> int:
        """Connections, or people who take turns."""
        match mode:
            case Mode.SPARSE:
                return self.sparse_users
            case Mode.IDLE:
                return self.idle_users
            case Mode.LIST | Mode.CATCHUP:
                return 1
            case _:
                return self.users

    def in_one_run(self, modes: tuple[Mode, ...]) -> list[tuple[Mode, float]]:
        """Each mode with its offered rate; `rate` once for each of its rates."""
        return [(mode, rate) for mode in modes for rate in (self.rates_per_s if mode is Mode.RATE else (0.0,))]


FULL = Scale()
QUICK = Scale(
    runs=1,
    users=100,
    sparse_users=200,
    idle_users=400,
    conversations=50,
    missed=200,
    repeats=5,
    warm_up_s=1.0,
    measure_s=2.0,
    rates_per_s=(200.0,),
)

"""Whether requests choose their variant one by one, as everything the judge says supposes.

Where the requests of a client stay with one variant, one client's trouble is many failures on one side, and no count a
minute can tell it from a bad version: on recorded traffic such routing took back up to four in ten good canaries. It
shows in the requests: their split scatters more from minute to minute than chance allows, or misses the declared share.
What does not show there (many small clients who all fail) cannot be found from counts: the policy has to declare it.
"""

_FEWEST_MINUTES = 5
_SCATTER = 3.0
"""Pearson's dispersion of the split; requests that choose one by one have 1, and 3 in a hundred thousand hours."""
_OFF_BY = 0.2
_SURE = 6.0


class Split:
    """How the requests of the minutes are divided; fed minute by minute."""

    __slots__ = ("_minutes", "_ours", "_requests", "_squares")

    def __init__(self) -> None:
        self._minutes = 0
        self._ours = self._requests = self._squares = 0.0

    def step(self, baseline: float, candidate: float) -> None:
        """Take in the requests of a minute."""
        requests = baseline + candidate
        if requests > 0:
            self._minutes += 1
            self._ours += candidate
            self._requests += requests
            self._squares += candidate * candidate / requests

    @property
    def is_sticky(self) -> bool:
        """Whether the split scatters more than requests that choose one by one."""
        if self._minutes < _FEWEST_MINUTES:
            return False
        share = self._ours / self._requests
        if not 0 < share < 1:
            return False
        scatter = (self._squares - self._ours * share) / (share * (1 - share))
        return scatter > _SCATTER * (self._minutes - 1)

    def misses(self, share: float) -> bool:
        """Whether the candidate's part is surely, and by a fifth at least, another than the declared share."""
        if not 0 < share < 1 or self._requests <= 0:
            return False
        off = abs(self._ours - share * self._requests)
        spread = (share * (1 - share) * self._requests) ** 0.5
        return off > _SURE * spread and off > _OFF_BY * share * self._requests

"""The arena: one piece of memory for all values between steps, planned by their lifetimes.

Steps are counted by a clock. A buffer lives from the first step that names it to the last; what is used in
a loop and was made before it lives until the loop has ended. Buffers whose lives do not meet may share
their bytes.
"""

from dataclasses import dataclass, field

ALIGNMENT = 64


@dataclass(slots=True, eq=False)
class Buffer:
    """Bytes that one value needs, from step `first` to step `last`; `offset` is where the plan puts them."""

    bytes: int
    first: int
    last: int
    name: str
    offset: int = -1


@dataclass(slots=True)
class Arena:
    """The buffers of one compiled Program."""

    buffers: list[Buffer] = field(default_factory=list)
    clock: int = 0

    def new(self, count: int, name: str) -> Buffer:
        """A buffer that begins to live now."""
        rounded = -(-max(count, 1) // ALIGNMENT) * ALIGNMENT
        buffer = Buffer(rounded, self.clock, self.clock, name)
        self.buffers.append(buffer)
        return buffer

    def use(self, buffer: Buffer) -> None:
        """Note that a step reads or writes it now."""
        buffer.last = max(buffer.last, self.clock)

    def tick(self) -> None:
        """The next step."""
        self.clock += 1

    def close_loop(self, start: int) -> None:
        """A loop that began at this time ends: what it used from before lives until now."""
        for buffer in self.buffers:
            if buffer.first <= start <= buffer.last:
                buffer.last = self.clock

    def plan(self) -> int:
        """Give every buffer its offset, the largest first, each as low as it fits; the bytes in all."""
        placed: list[Buffer] = []
        for buffer in sorted(self.buffers, key=lambda b: -b.bytes):
            rivals = sorted(
                (b for b in placed if b.first <= buffer.last and buffer.first <= b.last),
                key=lambda b: b.offset,
            )
            offset = 0
            for rival in rivals:
                if offset + buffer.bytes <= rival.offset:
                    break
                offset = max(offset, rival.offset + rival.bytes)
            buffer.offset = offset
            placed.append(buffer)
        return max((b.offset + b.bytes for b in self.buffers), default=0)

    def least(self) -> int:
        """The most bytes that live at one time: no plan can be smaller."""
        times = {b.first for b in self.buffers}
        return max((sum(b.bytes for b in self.buffers if b.first <= t <= b.last) for t in times), default=0)

"""The arena: lives that meet never share bytes, others do."""

import numpy as np

from adjoint.backends.llvm.memory import ALIGNMENT, Arena


def test_lives_that_meet_lie_apart() -> None:
    rng = np.random.default_rng(0)
    arena = Arena()
    for k in range(200):
        arena.new(int(rng.integers(0, 5000)), str(k))
        for buffer in arena.buffers[-5:]:
            if rng.random() < 0.3:
                arena.use(buffer)
        arena.tick()
    size = arena.plan()
    for a in arena.buffers:
        assert a.offset % ALIGNMENT == 0
        assert a.offset + a.bytes <= size
        for b in arena.buffers:
            meet = a is not b and a.first <= b.last and b.first <= a.last
            assert not meet or a.offset + a.bytes <= b.offset or b.offset + b.bytes <= a.offset
    assert arena.least() <= size < 1.3 * arena.least()


def test_a_loop_keeps_what_it_found() -> None:
    arena = Arena()
    before = arena.new(64, "before")
    arena.tick()
    start = arena.clock - 1
    inner = arena.new(64, "inner")
    arena.use(before)
    arena.tick()
    late = arena.new(64, "late")
    arena.close_loop(start)
    arena.plan()
    assert len({before.offset, late.offset}) == 2
    assert inner.offset == late.offset

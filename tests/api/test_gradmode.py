"""Recording on and off: blocks, decorators, generators, coroutines, threads, errors."""

import asyncio
import threading

import numpy as np
import pytest

from adjoint.api.derivatives import grad
from adjoint.api.gradmode import enable_grad, no_grad, recording
from adjoint.api.tape import tensor
from adjoint.errors import ArgumentError

x = tensor(3.0, requires_grad=True)


def records():
    return (x * x).requires_grad


def test_blocks_nest_and_errors_leave_the_mode():
    assert records()
    assert recording()
    guard = no_grad()
    with guard:
        assert not records()
        with enable_grad():
            assert records()
            with guard:
                assert not records()
            assert records()
        assert not records()
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert records()


def test_every_kind_of_operation_heeds_it():
    v = tensor(np.ones((2, 2)), requires_grad=True)
    with no_grad():
        results = [
            v + 1.0,
            np.sin(v),
            v @ v,
            v.sum(),
            v.T,
            v[0],
            v[v > 0],
            v.clone(),
            v.reshape(4),
            -v,
            2.0 * v,
        ]
    assert not any(r.requires_grad for r in results)
    assert v.requires_grad


def test_decorators():
    @no_grad()
    def with_brackets(a, *, b):
        """Says."""
        return records(), a, b

    @no_grad
    def without(a):
        return records(), a

    assert with_brackets(1, b=2) == (False, 1, 2)
    assert with_brackets.__doc__ == "Says."
    assert without(1) == (False, 1)
    assert enable_grad(records)()
    assert no_grad(enable_grad(records))()
    with pytest.raises(ArgumentError):
        no_grad(3.0)


def test_a_generator_runs_in_its_mode_and_its_consumer_in_another():
    caught = []

    @no_grad()
    def numbers():
        try:
            got = yield records()
            yield records(), got
        except ValueError:
            caught.append(records())
            yield "caught"
        finally:
            caught.append(records())
        return "end"

    running = numbers()
    assert next(running) is False
    assert records()
    assert running.send("sent") == (False, "sent")
    assert records()
    assert running.throw(ValueError()) == "caught"
    assert records()
    with pytest.raises(StopIteration, match="end"):
        next(running)
    assert caught == [False, False]
    running = numbers()
    next(running)
    running.close()
    assert caught == [False, False, False]
    assert records()


def test_tasks_have_modes_of_their_own():
    seen = {}

    @no_grad()
    async def quiet():
        await asyncio.sleep(0)
        seen["quiet"] = records()
        await asyncio.sleep(0.001)
        return records()

    async def loud():
        for _ in range(3):
            await asyncio.sleep(0)
            seen["loud"] = records()

    async def both():
        return await asyncio.gather(quiet(), loud())

    assert asyncio.run(both())[0] is False
    assert seen == {"quiet": False, "loud": True}


def test_asynchronous_generators_are_refused():
    with pytest.raises(ArgumentError, match="inside of it"):

        @no_grad()
        async def stream():
            yield 1


def test_threads_start_with_recording_on():
    found = []
    with no_grad():
        thread = threading.Thread(target=lambda: found.append(records()))
        thread.start()
        thread.join()
        assert not records()
    assert found == [True]


def test_one_guard_is_shared_by_threads():
    guard = no_grad()
    gate = threading.Barrier(4)
    wrong = []

    def work():
        for _ in range(50):
            with guard:
                gate.wait()
                wrong.append(records())
            gate.wait()
            wrong.append(not records())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not any(wrong)
    assert len(wrong) == 400


def test_the_functional_door_does_not_heed_it():
    with no_grad():
        assert grad(lambda a: a * a)(3.0) == 6.0
        y = grad(lambda a: a * a)(x)
    assert y.item() == 6.0
    assert not y.requires_grad

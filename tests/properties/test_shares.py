"""What is promised of the properties as a whole: how many examples, how much of the API, how many
verdicts.
"""

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from adjoint.array.functions import TABLE
from adjoint.array.scipy.special import TABLE as SCIPY
from adjoint.array.special import RULES
from adjoint.array.ufuncs import UFUNCS

from . import catalogue_elementwise, modes, test_broadcasting, test_in_place, test_indexing, test_programs
from .catalogue import NAMED
from .expressions import programs
from .programs import Program
from .shares import LONG, SHARES, USUAL, chosen_total
from .statements import writing_programs

PLAIN = {"einsum_path", "array2string", "array_repr", "array_str"}
"""NumPy's functions with rules that no program draws: what they give is advice or text."""


def test_the_shares_add_up():
    files = (test_programs, test_indexing, test_broadcasting, test_in_place)
    tests = {name: test for file in files for name, test in vars(file).items() if name.startswith("test_")}
    assert tests.keys() == SHARES.keys()
    counts = [test._hypothesis_internal_use_settings.max_examples for test in tests.values()]
    assert sum(SHARES.values()) == 100
    assert sum(counts) == chosen_total() in (USUAL, LONG)


def test_every_function_is_drawn():
    drawn = set().union(*NAMED.values())
    functions = {f.__name__ for f in TABLE} - PLAIN
    assert {name for name in functions if not {name, f"linalg.{name}"} & drawn} == set()
    assert {u.__name__ for u in UFUNCS} - drawn == catalogue_elementwise.NOT_DRAWN.keys() & {
        u.__name__ for u in UFUNCS
    }
    assert {name.rpartition(".")[2] for name in SCIPY} - drawn == set()
    assert {name for name in RULES if name[0] != "_"} - drawn == set()


def judged(strategy: object, count: int) -> float:
    """The share of elements of random programs' results about which differences say something."""
    seen = [0, 0]

    @settings(
        max_examples=count,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        derandomize=True,
    )
    @given(strategy)
    def count_judged(program: Program) -> None:
        seen[0] += sum(int(np.size(v)) for v in modes.plainly(program))
        seen[1] += modes.first_derivatives(program)

    count_judged()
    return seen[1] / seen[0]


def test_differences_judge_nearly_everything():
    assert judged(programs(), 60) > 0.98
    assert judged(writing_programs(), 60) > 0.98

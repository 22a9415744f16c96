"""The verifier: a Program is well formed when every variable is defined once, before its use, and
every equation's outputs have the types that its primitive's type rule gives.
"""

from ..errors import AdjointError, ProgramError
from .avals import aval_of
from .equation import Atom, Literal, Variable
from .program import Program, programs_of


def verify(program: Program) -> Program:
    """The Program itself, or a `ProgramError` that names the first equation that is wrong."""
    defined: set[Variable] = set()

    def define(variables: tuple[Variable, ...], where: str) -> None:
        for variable in variables:
            if variable in defined:
                raise _fault(program, f"{variable} is defined twice, again {where}")
            defined.add(variable)

    def use(atoms: tuple[Atom, ...], where: str) -> None:
        for atom in atoms:
            if isinstance(atom, Literal):
                if aval_of(atom.value) != atom.aval:
                    raise _fault(program, f"{atom} is a literal that is not of its type {atom.aval}, {where}")
            elif atom not in defined:
                raise _fault(program, f"{atom} is used before it is defined, {where}")

    define(program.inputs, "among the inputs")
    for number, equation in enumerate(program.equations):
        where = f"in equation {number} ({equation.primitive.name})"
        use(equation.inputs, where)
        try:
            typed = equation.primitive.type(*(a.aval for a in equation.inputs), **equation.params)
        except AdjointError as error:
            raise _fault(program, f"{where} the type rule refuses the operands ({error})") from error
        types = tuple(typed) if equation.primitive.many else (typed,)
        given = tuple(v.aval for v in equation.outputs)
        if types != given:
            raise _fault(program, f"{where} the outputs are {given}, the type rule gives {types}")
        define(equation.outputs, where)
        for _, inner in programs_of(equation.params):
            verify(inner)
    use(program.outputs, "among the outputs")
    return program


def _fault(program: Program, what: str) -> ProgramError:
    return ProgramError(
        "a Program in single assignment, well typed", what, f"This is an error of adjoint:\n{program}"
    )

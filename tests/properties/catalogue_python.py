"""Templates of plain Python around NumPy: loops, branches, arrays filled element by element, local functions.

Each gives the lines of a block that sets the variable `{v}`.
"""

from .writer import Template, Writer, by_following, by_value


def filled_by_elements(w: Writer) -> str:
    a = w.filled(1, 1)
    kind = w.choose(
        ["np.sin({a}[i])", "{a}[i] * {v}[i - 1] + 0.5", "{a}[i] ** 2", "{v}[i - 1] - {a}[-1 - i]"]
    )
    start = w.choose(
        [f"np.zeros_like({a})", f"np.zeros(len({a}), {a}.dtype)", f"np.empty({a}.shape, {a}.dtype)"]
    )
    body = kind.format(a=a, v="{v}")
    count = w.choose([f"len({a})", "1", f"len({a}) - 1"])
    return f"{{v}} = {start}\n{{v}}[:] = 0.25\nfor i in range({count}):\n    {{v}}[i] = {body}"


def accumulated(w: Writer) -> str:
    a = w.array()
    step = w.choose(
        ["{v} = 0.5 * {v} + np.cos({a})", "{v} = {v} * 0.5 + {a} * i", "{v} = np.tanh({v}) * {a}"]
    )
    return f"{{v}} = {a} * 1.0\nfor i in range({w.integer(0, 3)}):\n    {step.format(a=a, v='{v}')}"


def in_place_loop(w: Writer) -> str:
    a = w.filled(1)
    step = w.choose(
        ["{v} *= 0.5", "{v} += {a}", "{v}[0] -= {v}[-1]", "{v}[1:] += {v}[:-1]", "{v} -= 0.1 * i"]
    )
    return f"{{v}} = {a} * 1.0\nfor i in range({w.integer(1, 3)}):\n    {step.format(a=a, v='{v}')}"


def branch(w: Writer) -> str:
    a = w.real()
    return f"if np.sum({a}) > 0.05:\n    {{v}} = np.sin({a})\nelse:\n    {{v}} = {w.array()} * {w.number()}"


def while_loop(w: Writer) -> str:
    a = w.real(1)
    return f"{{v}} = {a} * 1.0\nwhile np.max(np.abs({{v}})) > 0.6:\n    {{v}} = {{v}} * 0.7 + 0.01"


def over_elements(w: Writer) -> str:
    a = w.real(1, 1)
    steps = "if t > 0.05:\n        {v} = {v} + t * t\n    else:\n        {v} = {v} - np.exp(t)"
    return f"{{v}} = 0.0\nfor t in {a}:\n    {steps}"


BLOCKS: list[Template] = [
    accumulated,
    in_place_loop,
    by_following(filled_by_elements),
    by_value(branch),
    by_value(while_loop),
    by_value(over_elements),
    by_following(lambda w: f"{{v}} = np.array([np.sum(row) for row in {w.filled(1)}])"),
    lambda w: f"{{v}} = np.stack([row * {w.number()} for row in {w.filled(1)}])",
    by_following(lambda w: f"{{v}} = np.array([{w.real()}.sum(), {w.number()}, np.max({w.real()})])"),
    by_following(lambda w: f"{{v}} = np.asarray({w.array()}) * 1.0"),
    by_following(lambda w: f"{{v}} = np.full(3, np.sum({w.real()}))"),
    by_following(lambda w: f"{{v}} = np.array({w.array()})\n{{v}} *= {w.number()}"),
    lambda w: f"{{v}} = sum([np.sin({w.array()}), {w.same()}])",
    by_following(lambda w: f"{{v}} = float(np.sum({w.real()})) * {w.array()}"),
    lambda w: f"def g(t, scale={w.number()}):\n    return np.sin(t) * scale\n{{v}} = g({w.real()})",
    lambda w: f"{{v}} = (lambda t: t * t + {w.number()})({w.array()})",
    by_following(lambda w: f"{{v}} = np.vectorize(lambda t: t * t)({w.filled(1)})"),
    lambda w: f"{{v}} = dict(a={w.array()}, b=1.5)\n{{v}} = {{v}}['a'] * {{v}}['b']",
    lambda w: f"{{v}}, _ = {w.array()} * 2, f'{{{w.real()}}}'",
    by_value(lambda w: f"{{v}} = max(np.sum({w.real()}), 0.05)"),
]

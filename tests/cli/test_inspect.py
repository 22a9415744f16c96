"""`adjoint grad`, `adjoint check`, `adjoint trace`: what they print, and what they answer to bad input."""

import pickle
import re
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from tests.cli.command import adjoint, command, environment, inside

import adjoint as ad

MODEL = """\
import sys
from helping import shift
import numpy as np
import adjoint as ad

SIZE = 3

def loss(x):
    return np.sum(np.sin(x) ** 2)

def pair(x, y):
    return x * y**2

def curve(x):
    return np.stack([x[0] * x[1], np.exp(x[0])])

def parts(x, y=2.0):
    return {"sum": np.sum(x) * y, "both": (x, 3.0 * x)}

def many(*xs):
    return sum(x**2 for x in xs)

def branch(x):
    if np.sum(x) > 0:
        return np.sum(x**3)
    return -np.sum(x)

def nothing():
    return 1.0

def named(x, *, k):
    return x * k

def text(x):
    return "no number"

def multiplied(x):
    y = x + 1
    return shift(y)

def raises(x):
    return {}["no"]

def nested(x):
    try:
        raises(x)
    except KeyError:
        raise ValueError("no such thing")

def singular(x):
    return np.sum(np.linalg.inv(np.zeros((2, 2)))) * x

def leaves(x):
    return x.__float__()

def quits(x):
    sys.exit(0)

def log(x):
    return np.log(x)

def waits(x):
    print("waiting", flush=True)
    while True:
        pass

@ad.custom_vjp
def wrong(x):
    return x**2

wrong.defvjp(lambda x: (x**2, x), lambda x, g: (3.0 * x * g,))
"""

HELPING = """\
import numpy as np

def shift(y):
    return y @ np.ones((3, 4))
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "helping.py").write_text(HELPING)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Type a command; its status and what it printed."""
    return lambda *arguments: inside(monkeypatch, capsys, *arguments)


# --- derivatives -------------------------------------------------------------------------------


def numbers(text: str) -> np.ndarray:
    return np.array(eval(text))


@pytest.mark.parametrize("mode", ["fwd", "rev"])
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("at", ["1.0,2.0", "-1.0,2.0", "-0.5", "3"])
def test_grad(at: str, order: int, mode: str, typed):
    status, printed = typed("grad", "model.py:loss", "--at", at, "--mode", mode, "--order", str(order))
    assert status == 0
    x = np.array([float(part) for part in at.split(",")])
    slopes = [np.sin(2 * x), 2 * np.cos(2 * x), -4 * np.sin(2 * x)][order - 1]
    wanted = np.zeros((len(x),) * order)
    for i, slope in enumerate(slopes):
        wanted[(i,) * order] = slope
    wanted = wanted if "," in at else wanted.reshape(())
    assert numbers(printed).shape == wanted.shape
    np.testing.assert_allclose(numbers(printed), wanted, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["pair", "--at", "1.0,2.0"], "x: 4.0\ny: 4.0\n"),
        (["pair", "--at", "1", "--at", "2", "--order", "2"], "x, x: 0.0\nx, y: 4.0\ny, x: 4.0\ny, y: 2.0\n"),
        (["pair", "--at", "1,2", "--at", "2"], "x: [[4., 0.],\n    [0., 4.]]\ny: [4., 8.]\n"),
        (["curve", "--at", "0,2", "--mode", "fwd"], "[[2., 0.],\n [1., 0.]]\n"),
        (["parts", "--at", "1.5"], "output['both'][0]: 1.0\noutput['both'][1]: 3.0\noutput['sum']: 2.0\n"),
        (
            ["parts", "--at", "1.5", "--at", "4"],
            "output['both'][0], x: 1.0\noutput['both'][0], y: 0.0\noutput['both'][1], x: 3.0\n"
            "output['both'][1], y: 0.0\noutput['sum'], x: 4.0\noutput['sum'], y: 1.5\n",
        ),
        (["many", "--at", "1", "--at", "2"], "argument 0: 2.0\nargument 1: 4.0\n"),
        (["branch", "--at", "1,2"], "[ 3., 12.]\n"),
        (["branch", "--at", "-1,-2"], "[-1., -1.]\n"),
    ],
)
def test_what_grad_prints(arguments: list[str], printed: str, typed):
    name, *rest = arguments
    found = typed("grad", f"model.py:{name}", *rest)
    lines = found[1].splitlines()
    assert found[0] == 0
    assert (sorted(lines) if name == "parts" else lines) == (
        sorted(printed.splitlines()) if name == "parts" else printed.splitlines()
    )


def test_numbers_lose_nothing_and_none_is_left_out(typed):
    np.save("x.npy", np.linspace(-1.0, 1.0, 1500))
    _, printed = typed("grad", "model.py:loss", "--at", "x.npy")
    x = np.linspace(-1.0, 1.0, 1500)
    assert numbers(printed).tolist() == ad.grad(lambda x: np.sum(np.sin(x) ** 2))(x).tolist()


@pytest.mark.parametrize(
    "array",
    [np.array([1, 2]), np.array([1.0, 2.0], ">f8"), np.array([1, 2], np.float32), np.array([[1.0], [2.0]])],
)
def test_array_files(array: np.ndarray, typed):
    np.save("x.npy", array)
    status, printed = typed("grad", "model.py:loss", "--at", "x.npy")
    assert status == 0
    assert numbers(printed).shape == array.shape
    np.testing.assert_allclose(numbers(printed), np.sin(2.0 * array), rtol=1e-6)


def test_check_passes(typed):
    status, printed = typed("check", "model.py:pair", "--at", "1.0,-2.0")
    assert status == 0
    assert printed.startswith("derivatives of pair: passed\n  fwd, argument 0 (x), 1 element: worst error ")
    assert "rev over fwd" in printed
    assert "rev over fwd" not in typed("check", "model.py:pair", "--at", "1,-2", "--order", "1")[1]


def test_check_fails(typed):
    status, printed = typed("check", "model.py:wrong", "--at", "0.5")
    assert status == 1
    assert printed.startswith("derivatives of wrong: FAILED\n")
    assert "error: check_grads of wrong: the " in printed
    assert "derivative 1.5, differences 1 " in printed


def test_trace(typed):
    status, printed = typed("trace", "model.py:pair", "--at", "1.0,2.0")
    assert status == 0
    assert printed.startswith("def pair(x: weak float64[], y: weak float64[]) -> weak float64[]:\n")
    assert printed.count("# model.py:12\n") == 2
    assert re.search(r"multiply\(x, \w+\)", printed)


# --- errors in the user's code -----------------------------------------------------------------

COMMANDS = ["grad", "check", "trace"]


@pytest.mark.parametrize("kind", COMMANDS)
@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("raises", ['    return {}["no"]', "KeyError: 'no'"]),
        ("multiplied", ["    return y @ np.ones((3, 4))", "(adjoint.errors.ShapeError|ValueError): matmul"]),
        ("singular", ["inv(np.zeros((2, 2)))) * x", r"numpy\.linalg\.LinAlgError: Singular matrix"]),
        ("leaves", ["    return x.__float__()", "adjoint.errors.TraceError: "]),
        ("quits", ["    sys.exit(0)", "SystemExit: 0"]),
        ("nested", ['    raise ValueError("no such thing")', "ValueError: no such thing"]),
    ],
)
def test_errors_in_the_users_file_show_its_traceback(kind: str, name: str, ending: list[str], typed):
    status, printed = typed(kind, f"model.py:{name}", "--at", "0.5")
    assert status == 1
    lines = [line for line in printed.splitlines() if not re.fullmatch(r"\s*[~^]+\s*", line)]
    assert lines[0] == "Traceback (most recent call last):"
    assert ending[0] in lines[-2]
    assert re.match(ending[1], lines[-1])
    shown = set(re.findall(r'File "([^"]*)"', printed))
    assert "model.py" in shown
    assert {Path(file).name for file in shown} <= {"model.py", "helping.py"}
    if name == "nested":
        assert "KeyError: 'no'\n\nDuring handling" in printed


def test_a_branch_on_a_value_that_is_not_known_yet(typed):
    status, printed = typed("trace", "model.py:branch", "--at", "0.5")
    assert status == 1
    assert "    if np.sum(x) > 0:\n" in printed
    assert "np.where" in printed.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("a = 1\nb = a / 0\n", "ZeroDivisionError: division by zero"),
        ("import nowhere_to_be_found\n", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
        ("raise SystemExit\n", "SystemExit"),
        ("def f(x:\n    return x\n", "SyntaxError: '(' was never closed"),
        ("import broken\n", "SyntaxError: invalid syntax"),
    ],
)
def test_errors_while_the_file_runs(text: str, ending: str, place: Path, typed):
    (place / "file.py").write_text(text)
    (place / "broken.py").write_text("x = = 1\n")
    status, printed = typed("grad", "file.py:f", "--at", "1.0")
    assert status == 1
    assert 'File "file.py", line' in printed
    assert printed.splitlines()[-1] == ending
    assert "adjoint/" not in printed.replace(str(place), "")


def test_a_file_may_have_the_name_of_a_module(place: Path, typed):
    (place / "random.py").write_text("def f(x):\n    return x * x\n")
    assert typed("grad", "random.py:f", "--at", "2") == (0, "4.0\n")


def test_a_file_elsewhere_finds_its_neighbours(place: Path):
    (place / "deep").mkdir()
    (place / "deep" / "near.py").write_text("def square(x):\n    return x * x\n")
    (place / "deep" / "far.py").write_text("from near import square\n\ndef f(x):\n    return square(x)\n")
    assert adjoint("grad", "deep/far.py:f", "--at", "2", cwd=place) == "4.0\n"
    assert adjoint("grad", str(place / "deep" / "far.py:f"), "--at", "2", cwd=place) == "4.0\n"


def test_warnings_name_the_users_line(place: Path):
    done = subprocess.run(
        command("grad", "model.py:log", "--at", "0"),
        cwd=place, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    line = MODEL.splitlines().index("    return np.log(x)") + 1
    assert done.stdout == "inf\n"
    assert done.stderr == f"model.py:{line}: RuntimeWarning: divide by zero encountered in log\n"


def test_the_users_function_can_be_interrupted(place: Path):
    process = subprocess.Popen(
        command("grad", "model.py:waits", "--at", "1"),
        cwd=place, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "interrupted\n")
    assert process.returncode == 130


def test_a_reader_that_goes_away_is_no_error_of_the_users(place: Path):
    process = subprocess.Popen(
        command("grad", "model.py:loss", "--at", "1"),
        cwd=place, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1


# --- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", COMMANDS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.py:f", "--at", "1"], "nowhere.py is to be read. Received: No such file or directory."),
        ([".:f", "--at", "1"], "Received: Is a directory."),
        (["zeros.py:f", "--at", "1"], "zeros.py is a file of Python. Received: source code string cannot"),
        (["model.py", "--at", "1"], "a function is named as FILE.py:function. Received: 'model.py'."),
        (["model.py:", "--at", "1"], "a function is named as FILE.py:function."),
        ([":loss", "--at", "1"], "a function is named as FILE.py:function."),
        (
            ["model.py:los", "--at", "1"],
            "'los' is a function in model.py. Received: no function of that name. The functions there are: "
            "loss, pair, curve, parts, many,",
        ),
        (["model.py:SIZE", "--at", "1"], "Received: SIZE = 3."),
        (["model.py:nothing", "--at", "1"], "Received: a function that takes none."),
        (["model.py:named", "--at", "1"], "Received: required arguments by name: k."),
        (["model.py:pair", "--at", "1"], "pair takes 2 arguments. Received: 1 with --at, of shape ()."),
        (["model.py:pair", "--at", "1,2,3"], "Received: 1 with --at, of shape (3,)."),
        (["model.py:loss", "--at", "1", "--at", "2"], "loss takes 1 argument. Received: 2 with --at."),
        (["model.py:parts", *["--at", "1"] * 3], "parts takes 1 to 2 arguments. Received: 3 with --at."),
        (["model.py:text", "--at", "1"], "Received: a str: 'no number'."),
        (["model.py:loss", "--at", "nan"], "--at takes finite numbers. Received: nan."),
        (["model.py:loss", "--at", "1,-inf"], "Received: -inf at index (1,) of 1,-inf."),
        (["model.py:loss", "--at", "1e999"], "Received: inf."),
        (
            ["model.py:loss", "--at", "1,two"],
            "--at takes numbers with commas between them, or an array file.",
        ),
        (["model.py:loss", "--at", ""], "--at takes numbers with commas between them, or an array file."),
        (["model.py:loss", "--at", "nowhere.npy"], "nowhere.npy is to be read. Received: No such file"),
        (["model.py:loss", "--at", "folder.npy"], "Received: Is a directory."),
        (["model.py:loss", "--at", "pickled.npy"], "wrote. Received: a file of another kind."),
        (["model.py:loss", "--at", "several.npy"], "wrote. Received: a file of another kind."),
        (["model.py:loss", "--at", "empty.npy"], "wrote. Received: a file of another kind."),
        (["model.py:loss", "--at", "objects.npy"], "wrote. Received: an array of Python objects."),
        (["model.py:loss", "--at", "cut.npy"], "cut.npy is an array that numpy.save wrote. Received: "),
        (["model.py:loss", "--at", "huge.npy"], "huge.npy is an array that numpy.save wrote. Received: "),
        (
            ["model.py:loss", "--at", "words.npy"],
            "words.npy holds floating-point numbers. Received: dtype <U1.",
        ),
        (["model.py:loss", "--at", "nan.npy"], "Received: nan at index (1,) of nan.npy."),
    ],
)
def test_bad_input(kind: str, arguments: list[str], message: str, place: Path, typed):
    (place / "zeros.py").write_bytes(b"\0\0")
    make_bad_arrays(place)
    before = sorted(p for p in place.rglob("*") if "__pycache__" not in p.parts)
    status, printed = typed(kind, *arguments)
    assert status == 2
    assert printed.startswith("error: ")
    assert len(printed.splitlines()) == 1
    assert message in printed
    assert sorted(p for p in place.rglob("*") if "__pycache__" not in p.parts) == before


def make_bad_arrays(place: Path) -> None:
    (place / "folder.npy").mkdir()
    (place / "pickled.npy").write_bytes(pickle.dumps([1.0]))
    (place / "empty.npy").write_bytes(b"")
    np.savez(place / "several.npz", x=1.0)
    (place / "several.npz").rename(place / "several.npy")
    np.save(place / "objects.npy", np.array([{}]))
    np.save(place / "words.npy", np.array(["a"]))
    np.save(place / "nan.npy", np.array([1.0, np.nan]))
    np.save(place / "cut.npy", np.ones(100))
    data = (place / "cut.npy").read_bytes()
    (place / "cut.npy").write_bytes(data[:-5])
    (place / "huge.npy").write_bytes(data.replace(b"(100,), }           ", b"(10000000000000,), }"))


@pytest.mark.parametrize("kind", ["grad", "check"])
@pytest.mark.parametrize("order", ["0", "-1"])
def test_bad_orders(kind: str, order: str, typed):
    told = f"error: --order counts derivatives, from 1. Received: --order {order}. Write --order 1.\n"
    assert typed(kind, "model.py:loss", "--at", "1", "--order", order) == (2, told)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["grad", "model.py:loss"], "--at"),
        (["grad", "model.py:loss", "--at", "1", "--mode", "up"], "--mode"),
        (["grad", "model.py:loss", "--at", "1", "--order", "x"], "--order"),
        (["grad"], "FILE.py:function"),
        (["trace", "model.py:loss", "--at", "1", "--mode", "fwd"], "--mode"),
        (["differentiate"], "differentiate"),
        (["train", "faces"], "faces"),
    ],
)
def test_what_cannot_be_parsed(arguments: list[str], word: str, typed):
    status, printed = typed(*arguments)
    assert status == 2
    assert word in printed
    assert "Traceback" not in printed


def test_no_verdict_where_the_value_is_not_finite(place: Path):
    told = adjoint("check", "model.py:log", "--at", "0", cwd=place, status=1)
    assert told.splitlines()[-1].startswith("error: check_grads of log where its value is finite.")


# --- the command itself ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["grad", "check", "trace", "train"]),
        (["--help"], ["grad", "check", "trace", "train", "--version"]),
        (["train"], ["digits"]),
        (
            ["train", "digits", "--help"],
            ["--epochs", "--resume", "--activation", "leaky-relu", "[default: 30]"],
        ),
        (["grad", "--help"], ["--at", "--mode", "--order", "FILE.py:function"]),
    ],
)
def test_help(arguments: list[str], words: list[str], place: Path):
    printed = adjoint(*arguments, cwd=place)
    assert [word for word in words if word not in printed] == []


def test_version(place: Path):
    assert adjoint("--version", cwd=place) == f"adjoint {ad.__version__}\n"

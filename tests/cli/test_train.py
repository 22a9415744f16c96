"""`adjoint train digits`: what it prints and writes, the same bytes for the same seed, and that it learns."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.cli.command import adjoint, command, environment, files, inside, same

from adjoint import custom_vjp
from adjoint.cli import pictures, train_command
from adjoint.cli.options import ACTIVATIONS, OPTIMIZERS
from adjoint.cli.training import COLUMNS
from adjoint.data import load_digits

SHORT = ("train", "digits", "--epochs", "3")
FILES = [
    "accuracy.svg", "gradient-norms.svg", "loss.svg", "metrics.csv", "report.html", "state.safetensors",
    "timings.csv", "weights.safetensors",
]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A short run, and what it printed."""
    place = tmp_path_factory.mktemp("train")
    return place / "one", adjoint(*SHORT, "--out", "one", cwd=place)


def test_what_it_prints(run: tuple[Path, str]):
    lines = run[1].splitlines()
    assert re.fullmatch(
        r"gradient check at the initial point: passed \(worst relative error \d\.\de-\d\d\)", lines[0]
    )
    for number, line in enumerate(lines[1:4], 1):
        assert re.fullmatch(rf"epoch {number}/3  loss \d\.\d{{4}}  train \d\d\.\d %  test \d\d\.\d %", line)
    assert lines[4] == f"report: {Path('one', 'report.html')}"
    assert re.fullmatch(r"test accuracy: \d\d\.\d %", lines[5])
    assert len(lines) == 6


def test_what_it_writes(run: tuple[Path, str]):
    folder, printed = run
    assert sorted(p.name for p in folder.iterdir()) == FILES
    head, *rows = (folder / "metrics.csv").read_text().splitlines()
    assert head == ",".join(COLUMNS)
    table = np.array([[float(v) for v in row.split(",")] for row in rows])
    assert table.shape == (3, len(COLUMNS))
    assert table[:, 0].tolist() == [1, 2, 3]
    assert f"test accuracy: {100 * table[-1, 4]:.1f} %" == printed.splitlines()[-1]
    assert np.isfinite(table).all()
    assert (table[:, 5:] > 0).all()
    assert [line.split(",")[0] for line in (folder / "timings.csv").read_text().splitlines()] == [
        "epoch", "1", "2", "3",
    ]  # fmt: skip


def test_the_weights_are_the_network_that_was_tested(run: tuple[Path, str]):
    weights = load_file(run[0] / "weights.safetensors")
    assert {name: a.shape for name, a in weights.items()} == {
        "layers[0].weight": (64, 64),
        "layers[0].bias": (64,),
        "layers[2].weight": (64, 10),
        "layers[2].bias": (10,),
    }
    digits = load_digits()
    hidden = np.maximum(digits.test_images @ weights["layers[0].weight"] + weights["layers[0].bias"], 0)
    logits = hidden @ weights["layers[2].weight"] + weights["layers[2].bias"]
    share = np.mean(np.argmax(logits, axis=1) == digits.test_labels)
    assert run[1].splitlines()[-1] == f"test accuracy: {100 * share:.1f} %"


def test_the_report_holds_all_and_needs_nothing(run: tuple[Path, str]):
    folder, printed = run
    page = (folder / "report.html").read_text()
    assert page.count("<svg") == 3
    assert printed.splitlines()[0] in page
    assert printed.splitlines()[-1] in page
    for name in ("loss", "accuracy", "gradient-norms"):
        svg = (folder / f"{name}.svg").read_text()
        assert svg[svg.index("<svg") :] in page
    links = re.findall(r"(?:src|href)=[\"']([^\"']*)", page)
    assert all(link.startswith(("data:", "#")) for link in links)
    assert "<script" not in page
    assert "@import" not in page


def test_the_same_seed_gives_the_same_bytes(run: tuple[Path, str], tmp_path: Path):
    folder, printed = run
    again = adjoint(*SHORT, cwd=tmp_path)
    assert again.replace("runs/digits-1", "one") == printed
    assert same(tmp_path / "runs" / "digits-1", folder)


def test_another_seed_gives_other_weights_and_a_folder_of_its_own(run: tuple[Path, str], tmp_path: Path):
    (tmp_path / "runs" / "digits-1").mkdir(parents=True)
    adjoint(*SHORT, "--seed", "1", cwd=tmp_path)
    other = files(tmp_path / "runs" / "digits-2")
    assert other["weights.safetensors"] != files(run[0])["weights.safetensors"]
    assert other["metrics.csv"] != files(run[0])["metrics.csv"]


@pytest.mark.parametrize(
    ("option", "value"),
    [("--activation", name) for name in ACTIVATIONS]
    + [("--optimizer", name) for name in OPTIMIZERS]
    + [("--hidden", "1"), ("--hidden", "300"), ("--batch-size", "1438"), ("--batch-size", "9999")]
    + [("--lr", "1e-09"), ("--seed", str(2**63 - 1))],
)
def test_options(option: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, printed = inside(monkeypatch, capsys, "train", "digits", "--epochs", "1", option, value)
    assert status == 0
    assert "check at the initial point: passed" in printed
    assert f"<td>{option[2:]}</td><td>{value}</td>" in Path("runs/digits-1/report.html").read_text()
    if option == "--lr":  # it has learnt nothing
        assert float(printed.split()[-2]) < 30


def test_the_defaults_learn(tmp_path: Path):
    """The mean over a few seeds; benchmarks/digits.py has ten."""
    shares = []
    for seed in range(3):
        printed = adjoint("train", "digits", "--seed", str(seed), "--out", str(seed), cwd=tmp_path)
        shares.append(float(printed.split()[-2]))
    assert np.mean(shares) >= 97.0


def test_a_wrong_gradient_stops_before_anything_is_written(tmp_path: Path, monkeypatch, capsys):
    right = train_command.loss

    @custom_vjp
    def tripled(value):
        return value

    tripled.defvjp(lambda value: (value, None), lambda _, cotangent: (3.0 * cotangent,))

    def wrong(model, images, labels):
        value, logits = right(model, images, labels)
        return tripled(value), logits

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train_command, "loss", wrong)
    status, printed = inside(monkeypatch, capsys, *SHORT)
    assert status == 1
    told = (
        r"error: gradient check at the initial point: the rev derivative in .*DIFFERS\. Nothing was written"
    )
    assert re.match(told, printed)
    assert not list(tmp_path.iterdir())


def test_where_images_give_no_verdict_the_next_ones_do(tmp_path: Path, monkeypatch, capsys):
    """With a hidden unit on its kink for one of the first images, there is nothing to be said about these."""
    right, groups = train_command._examined, []

    def kinked(model, digits, group):
        groups.append(group)
        if group > 1:
            return right(model, digits, group)
        return train_command.examine(lambda x: np.sum(np.abs(x)), np.zeros(2), order=1, modes=("rev",))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train_command, "_examined", kinked)
    status, printed = inside(monkeypatch, capsys, *SHORT)
    assert status == 0
    assert groups == [0, 1, 2]
    assert printed.startswith("gradient check at the initial point: passed")


def test_without_matplotlib_a_line_says_so(tmp_path: Path):
    code = "import sys; sys.modules['matplotlib'] = None; from adjoint.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *SHORT, "--out", "run"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    line = "no pictures: matplotlib is not installed (pip install 'adjoint[plot]')"
    assert done.stdout.splitlines()[-3] == line
    assert re.fullmatch(r"test accuracy: \d\d\.\d %", done.stdout.splitlines()[-1])
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == [f for f in FILES if not f.endswith("svg")]
    assert line.replace("'", "&#x27;") in (tmp_path / "run" / "report.html").read_text()


def test_pictures_do_not_depend_on_the_users_settings(monkeypatch):
    rows = [(1, 1.0, 0.5, 1.0, 0.5, 0.1, 0.2), (2, 0.0, 1.0, 0.5, 0.9, 0.1, 0.0)]
    plain = pictures.draw(rows)
    monkeypatch.setitem(pictures.lazy.matplotlib.rcParams, "lines.linewidth", 9.0)
    assert pictures.draw(rows) == plain
    assert list(plain) == list(pictures.PICTURES)


def test_in_a_terminal_a_bar_is_drawn_and_the_last_line_is_plain(tmp_path: Path):
    main_end, terminal = pty.openpty()
    process = subprocess.Popen(
        command(*SHORT), cwd=tmp_path, env=environment(TERM="xterm", COLUMNS="80"),
        stdin=terminal, stdout=terminal, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    seen = b""
    while part := read(main_end):
        seen += part
    os.close(main_end)
    assert process.wait() == 0
    text = seen.decode()
    assert "\x1b[?25l" in text  # the cursor is hidden while the bar moves,
    assert text.rindex("\x1b[?25h") > text.rindex("━")  # and shown again after it
    assert "epoch 3/3" in text
    assert "epoch 1/3  loss" not in text
    assert re.fullmatch(r"test accuracy: \d\d\.\d %", text.splitlines()[-1])


def read(end: int) -> bytes:
    """What the terminal shows next; nothing when it was closed."""
    try:
        return os.read(end, 4096)
    except OSError:
        return b""

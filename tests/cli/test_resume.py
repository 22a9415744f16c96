"""A run that is stopped, killed or continued ends with the same bytes as one that never was."""

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from tests.cli.command import adjoint, command, environment, files, same

from adjoint.cli import folder as run_folder
from adjoint.cli.options import OPTIMIZERS, Options
from adjoint.cli.training import State, start, states
from adjoint.data import load_digits, load_safetensors, save_safetensors
from adjoint.errors import FileError

SLOW = ("--batch-size", "4", "--epochs", "3")  # 360 steps an epoch: a signal comes in the middle of one
DIGITS = load_digits()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was never stopped."""
    place = tmp_path_factory.mktemp("whole")
    adjoint("train", "digits", *SLOW, "--out", "run", cwd=place)
    return place / "run"


def begin(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("train", "digits", *arguments), cwd=cwd, env=environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(text):
            return
    raise AssertionError(f"{text!r} was not printed")


def place_of(folder: Path) -> tuple[int, int]:
    epoch, batch = load_safetensors(folder / "state.safetensors")[0]["place"]
    return int(epoch), int(batch)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_goes_on_in_the_middle_of_an_epoch(number: signal.Signals, tmp_path: Path):
    process = begin("--batch-size", "4", "--epochs", "1000", "--out", "run", cwd=tmp_path)
    wait_for(process, "epoch    1/1000")
    time.sleep(0.05)
    process.send_signal(number)
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert errors == ""
    epoch, batch = place_of(tmp_path / "run")
    assert epoch > 0
    assert batch > 0, "the signal was meant to come in the middle of an epoch"
    assert printed.splitlines()[-4:-1] == [
        f"stopped in epoch {epoch + 1} of 1000, and saved; to go on:",
        "  adjoint train digits --resume run",
        f"report: {Path('run', 'report.html')}",
    ]
    assert re.fullmatch(r"test accuracy: \d\d\.\d %", printed.splitlines()[-1])
    assert f"(stopped in epoch {epoch + 1} of 1000)" in (tmp_path / "run" / "report.html").read_text()

    epochs = ("--epochs", str(epoch + 1))
    adjoint("train", "digits", "--resume", "run", *epochs, cwd=tmp_path)
    adjoint("train", "digits", "--batch-size", "4", *epochs, "--out", "whole", cwd=tmp_path)
    assert same(tmp_path / "run", tmp_path / "whole")
    stretches = (tmp_path / "run" / "timings.csv").read_text().splitlines()[1:]
    assert [int(line.split(",")[0]) for line in stretches] == sorted([*range(1, epoch + 2), epoch + 1])


def test_a_killed_run_goes_on(whole: Path, tmp_path: Path):
    """Killed again and again, wherever it is, until it comes to its end."""
    process = begin(*SLOW, "--out", "run", cwd=tmp_path)
    wait_for(process, "gradient check")
    for pause in (0.0, 0.003, 0.02, 0.15, 0.4):
        time.sleep(pause)
        process.kill()
        process.communicate()
        if (tmp_path / "run" / "state.safetensors").exists():
            run_folder.load(tmp_path / "run")
            process = begin("--resume", "run", cwd=tmp_path)
        else:
            message = adjoint("train", "digits", "--resume", "run", cwd=tmp_path, status=2)
            assert re.match(r"error: --resume names the folder of a run\. Received: run, which ", message)
            process = begin(*SLOW, "--out", "run", cwd=tmp_path)
        wait_for(process, "gradient check")
    process.communicate()
    assert process.returncode == 0
    assert same(tmp_path / "run", whole)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_state_can_be_saved_and_gone_on_from(optimizer: str, tmp_path: Path):
    options = Options(epochs=2, batch_size=500, hidden=5, optimizer=optimizer, activation="tanh").checked()
    all_states = [start(options), *states(start(options), options, DIGITS)]
    assert len(all_states) == 7
    for state in all_states:
        run_folder.save(tmp_path, state, options)
        loaded_options, loaded = run_folder.load(tmp_path)
        assert loaded_options == options
        *_, last = [loaded, *states(loaded, options, DIGITS)]
        assert saved(tmp_path / "a", last, options) == saved(tmp_path / "b", all_states[-1], options)


def saved(folder: Path, state: State, options: Options) -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    run_folder.save(folder, state, options)
    return files(folder)


def test_more_epochs_end_as_if_they_had_been_asked_for_at_once(whole: Path, tmp_path: Path):
    adjoint("train", "digits", *SLOW[:2], "--epochs", "1", "--out", "run", cwd=tmp_path)
    adjoint("train", "digits", "--resume", "run", "--epochs", "3", cwd=tmp_path)
    assert same(tmp_path / "run", whole)


def test_a_finished_run_stays_as_it_is(whole: Path, tmp_path: Path):
    shutil.copytree(whole, tmp_path / "run")
    for name in ("metrics.csv", "weights.safetensors", "report.html"):
        (tmp_path / "run" / name).unlink()
    (tmp_path / "run" / ".0123456789abcdef.tmp").write_text("left by a killed run")
    printed = adjoint("train", "digits", "--resume", "run", cwd=tmp_path)
    assert "epoch" not in printed
    assert same(tmp_path / "run", whole)


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--seed", "0"],
            "--resume goes on with a run as it was begun, and takes --epochs alone. Received: --seed.",
        ),
        (["--lr", "1", "--out", "x"], "Received: --lr, --out."),
        (["--batch-size", "2"], "Received: --batch-size."),
        (["--epochs", "2"], "--epochs of a run in its epoch 3 is at least that. Received: --epochs 2."),
    ],
)
def test_options_beside_resume_are_refused(arguments: list[str], message: str, whole: Path):
    before = files(whole)
    assert message in adjoint("train", "digits", "--resume", str(whole), *arguments, cwd=whole, status=2)
    assert files(whole) == before


def damage_nothing(folder: Path) -> None:
    shutil.rmtree(folder)


def damage_state(folder: Path) -> None:
    (folder / "state.safetensors").unlink()


def damage_bit(folder: Path) -> None:
    data = bytearray((folder / "state.safetensors").read_bytes())
    data[-1000] ^= 1
    (folder / "state.safetensors").write_bytes(data)


def damage_end(folder: Path) -> None:
    data = (folder / "state.safetensors").read_bytes()
    (folder / "state.safetensors").write_bytes(data[:-7])


def damage_kind(folder: Path) -> None:
    (folder / "state.safetensors").write_text("no state")


def damage_options(folder: Path) -> None:
    tensors, metadata = load_safetensors(folder / "state.safetensors")
    options = metadata["options"].replace('"seed": 0', '"seed": 1')
    save_safetensors(folder / "state.safetensors", tensors, metadata | {"options": options})


def damage_version(folder: Path) -> None:
    tensors, metadata = load_safetensors(folder / "state.safetensors")
    options = metadata["options"].replace('"hidden": 64', '"hidden": 63')
    print_of = run_folder._fingerprint(options, tensors.items())
    save_safetensors(folder / "state.safetensors", tensors, {"options": options, "sha256": print_of})


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_nothing, "Received: run, which is not there."),
        (damage_state, "Received: run, which holds no state.safetensors."),
        (damage_bit, "Received: a file that was damaged or changed."),
        (damage_end, "the file is cut short."),
        (damage_kind, "state.safetensors is read as a safetensors file. Received: "),
        (damage_options, "Received: a file that was damaged or changed."),
        (damage_version, "Received: a file of another version of adjoint (model.layers[0].weight has shape"),
    ],
)
def test_damaged_folders_are_refused(damage, message: str, whole: Path, tmp_path: Path):
    shutil.copytree(whole, tmp_path / "run")
    damage(tmp_path / "run")
    before = files(tmp_path / "run") if (tmp_path / "run").exists() else None
    told = adjoint("train", "digits", "--resume", "run", cwd=tmp_path, status=2)
    assert told.startswith("error: ")
    assert len(told.splitlines()) == 1
    assert message in told
    assert before == (files(tmp_path / "run") if (tmp_path / "run").exists() else None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "taken"], "--out names a folder for a new run. Received: taken, which is there already."),
        (["--out", "file"], "Received: file, which is there already."),
        (["--out", "file/run"], "file/run is to be made as a folder."),
        (["--out", "/dev/null/run"], "/dev/null/run is to be made as a folder."),
        (["--out", "/proc/nowhere/run"], "/proc/nowhere/run is to be made as a folder."),
        (["--out", "n" * 300], "File name too long."),
        (["--epochs", "0"], "--epochs is a whole number from 1 to"),
        (["--epochs", "-3"], "Received: -3."),
        (["--epochs", "9" * 30], "--epochs is a whole number from 1 to"),
        (["--batch-size", "0"], "--batch-size is a whole number from 1 to"),
        (["--hidden", "0"], "--hidden is a whole number from 1 to"),
        (["--seed", "-1"], "--seed is a whole number from 0 to"),
        (["--lr", "0"], "--lr is a finite number above 0. Received: --lr 0.0."),
        (["--lr", "nan"], "Received: --lr nan."),
        (["--lr", "inf"], "Received: --lr inf."),
        (["--lr", "-1"], "Received: --lr -1.0."),
        (
            ["--optimizer", "rprop"],
            "--optimizer is one of sgd, momentum, nesterov, adam, adamw. Received: 'rprop'.",
        ),
        (
            ["--activation", "gelu"],
            "--activation is one of relu, leaky-relu, tanh, sigmoid. Received: 'gelu'.",
        ),
    ],
)
def test_bad_options_are_refused(arguments: list[str], message: str, tmp_path: Path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter").write_text("mine")
    (tmp_path / "file").write_text("mine")
    told = adjoint("train", "digits", "--epochs", "1", *arguments, cwd=tmp_path, status=2)
    assert told.startswith("error: ")
    assert len(told.splitlines()) == 1
    assert message in told
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "letter", "taken"]


@pytest.mark.parametrize("arguments", [["--epochs", "few"], ["--lr", "small"], ["--colour", "red"], ["more"]])
def test_what_is_no_option_is_told(arguments: list[str], tmp_path: Path):
    told = adjoint("train", "digits", *arguments, cwd=tmp_path, status=2)
    assert arguments[0] in told
    assert "Traceback" not in told
    assert not list(tmp_path.iterdir())


def test_too_large_a_network_is_told(tmp_path: Path):
    told = adjoint("train", "digits", "--hidden", str(10**13), cwd=tmp_path, status=1)
    assert told.startswith("error: not enough memory.")
    assert not list(tmp_path.iterdir())


def test_where_the_first_state_cannot_be_written_nothing_stays(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = Options().checked()
    write = run_folder.save_safetensors

    def full(path: Path, *rest: object) -> None:
        if path.name == "weights.safetensors":
            raise FileError("the file is to be written", "No space left on device", "Make room.")
        write(path, *rest)

    monkeypatch.setattr(run_folder, "save_safetensors", full)
    (tmp_path / "empty").mkdir()
    for out in (None, Path("a/b/c"), Path("empty")):
        with pytest.raises(FileError, match="No space left"):
            run_folder.create(out, start(options), options)
        assert [p.name for p in tmp_path.rglob("*")] == ["empty"]


def test_learning_that_diverges_is_told_and_leaves_a_whole_folder(tmp_path: Path):
    told = adjoint(
        "train", "digits", "--optimizer", "sgd", "--lr", "1e200", "--out", "run", cwd=tmp_path, status=2
    )
    assert told.startswith(
        "error: the loss stays finite while a network learns. Received: nan in epoch 1, step 2"
    )
    assert place_of(tmp_path / "run") == (0, 0)
    assert all(
        np.isfinite(a).all() for a in load_safetensors(tmp_path / "run" / "weights.safetensors")[0].values()
    )

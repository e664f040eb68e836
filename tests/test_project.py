"""The project as a whole: what it says of itself, what it is built of, what it must not hold."""

import asyncio
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bot.cli import _parser
from commands.all import make_registry

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
LONGEST = 420
PACKAGES = ("bot", "commands", "feeds", "storage", "domain")


def files(*patterns: str) -> list[Path]:
    """What is under version control, or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_readme_lists_every_command() -> None:
    listed = set(re.findall(r"^\| `/(\w+ \w+)` \|", README, re.MULTILINE))
    assert listed == {command.path for command in make_registry().commands}


def test_the_readme_names_every_command_of_the_command_line() -> None:
    (verbs,) = (each.choices for each in _parser()._actions if each.choices)
    assert verbs
    for verb in verbs:
        assert re.search(rf"`?(pledgewatch )?{verb}\b", README), verb


def test_every_dependency_has_its_reason_in_the_readme() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    named = [re.split(r"[><=;\[ ]", one)[0] for one in project["project"]["dependencies"]]
    table = re.findall(r"^\| ([\w.-]+) \| .+ \|$", README, re.MULTILINE)
    assert set(named) == {one for one in table if one in named}
    for development in project["dependency-groups"]["dev"]:
        assert re.split(r"[><=;\[ ]", development)[0] in README


def test_the_lock_is_pinned_by_hash_and_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "http" not in re.sub(r"aiohttp", "", lock)
    assert "index-url" not in lock
    blocks = re.split(r"\n(?=\S)", re.sub(r"#.*\n", "", lock).strip())
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)
    assert "audioop-lts" in lock  # what Python 3.13 needs besides


def test_the_lock_names_the_extras_that_its_packages_ask_for() -> None:
    """Without them pips before 23.3 want the newest release, which the lock does not have."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = set(re.findall(r"^([\w.-]+(?:\[[\w,-]+\])?)==", lock, re.MULTILINE))
    asked = set()
    for installed in metadata.distributions():
        for required in map(Requirement, installed.requires or ()):
            wanted = required.marker is None or required.marker.evaluate({"extra": ""})
            if required.extras and wanted:
                asked.add(f"{required.name}[{','.join(sorted(required.extras))}]")
    assert asked
    assert asked <= locked


def test_modules_stay_small() -> None:
    for path in files("*.py"):
        if path.relative_to(ROOT).parts[0] in PACKAGES:
            assert len(path.read_text("utf-8").splitlines()) <= LONGEST, path


def test_nothing_of_any_one_machine_is_in_the_project() -> None:
    forbidden = re.compile(
        r"/(?:home|Users|root|work|tmp)/\w|(?:pypi|pythonhosted)\.org/(?:simple|packages)"
        r"|files\.pythonhosted|\bAKIA[0-9A-Z]{16}\b"
    )
    for path in files():
        if path.suffix in {".png", ".gz", ".bin"} or path == Path(__file__):
            continue
        found = forbidden.search(path.read_text("utf-8", "replace"))
        assert not found, f"{path}: {found}"


def test_nothing_is_left_open() -> None:
    for path in files("*.py"):
        if path != Path(__file__):
            assert not re.search(
                r"\b(TODO|FIXME|XXX|NotImplementedError)\b", path.read_text("utf-8")
            )


def test_the_wheel_works_elsewhere(tmp_path: Path) -> None:
    """Built and unpacked where the checkout is not, it finds its records."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    place = tmp_path / "elsewhere"
    zipfile.ZipFile(wheel).extractall(place)
    names = {path.name for path in place.iterdir()}
    assert "tests" not in names
    assert {"bot", "records"} <= names
    environment = {"PYTHONPATH": str(place), "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bot", "ask", "/pledge list"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Microsoft" in done.stdout


async def test_the_demo_tells_the_story_in_order(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--fast",
        cwd=ROOT, env={**os.environ, "HOME": str(tmp_path)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    assert err == b""
    told = out.decode()
    order = ["AB 2261 held", "IBM’s pledge", "Amazon’s pledge", "Microsoft’s pledge", "No pledge:"]
    places = [told.index(words) for words in order]
    assert places == sorted(places)
    assert "also in" in told
    assert "rainforest make rain" not in told
    assert "sidelines" not in told

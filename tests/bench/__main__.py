"""`make bench`: runs the subjects in turn, several rounds, and prints ratios. It judges nothing.

make bench                 both mixes, five rounds
make bench BENCH="--rounds 9 --mix formed"
"""

import argparse
import json
import statistics
import subprocess
import sys
from typing import Any

_FLOORS = ("floor", "floor-uvloop")
_SUBJECTS = ("ours", "plain", *_FLOORS)
_AIMS = {
    ("formed", "plain", "cold"): "aim ≥ 6",
    ("formed", "plain", "warm"): "aim ≥ 25",
    ("formed", "floor", "cold"): "aim ≤ 3",
    ("damaged", "plain", "cold"): "aim ≥ 4",
    ("damaged", "floor", "cold"): "aim ≤ 5",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mix", choices=("formed", "damaged", "both"), default="both")
    options = parser.parse_args()
    for mix in ("formed", "damaged") if options.mix == "both" else (options.mix,):
        _report(mix, _measure(mix, options.rounds))


def _measure(mix: str, rounds: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.bench.server", mix]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        try:
            measured = []
            for number in range(rounds):
                sys.stderr.write(f"\r{mix}: round {number + 1} of {rounds} ")
                sys.stderr.flush()
                measured.append({name: _run(name, port) for name in _SUBJECTS})
            sys.stderr.write("\r" + " " * 40 + "\r")
            return measured
        finally:
            server.kill()


def _run(name: str, port: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.subjects", name, port]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _report(mix: str, rounds: list[dict[str, Any]]) -> None:
    title = "all well formed" if mix == "formed" else "a tenth malformed"
    print(f"\n1,000 feeds × 30 entries, 1,000 terms, SQLite at FULL; {title}; {len(rounds)} rounds")
    print(f"{'':13}{'phase':>9}{'CPU s':>9}{'wall s':>9}  counts")
    for name in _SUBJECTS:
        for phase in rounds[0][name]["phases"]:
            cpu = _median(one[name]["phases"][phase]["cpu"] for one in rounds)
            wall = _median(one[name]["phases"][phase]["wall"] for one in rounds)
            print(
                f"{name:13}{phase:>9}{cpu:9.2f}{wall:9.2f}  {_counts(rounds[0][name]['phases'][phase])}"
            )
        print(f"{name:13}{'peak MB':>9}{_median(one[name]['peak_mb'] for one in rounds):9.0f}")
    _ratio(mix, rounds, "plain", "cold", "plain bot ÷ ours")
    _ratio(mix, rounds, "plain", "warm", "plain bot ÷ ours")
    _ratio(mix, rounds, "plain", "delta", "plain bot ÷ ours")
    _ratio(mix, rounds, "floor", "cold", "ours ÷ floor")
    _ratio(mix, rounds, "floor-uvloop", "cold", "ours ÷ floor on uvloop")


def _ratio(mix: str, rounds: list[dict[str, Any]], other: str, phase: str, label: str) -> None:
    ratios = []
    for one in rounds:
        theirs = one[other]["phases"][phase]["cpu"]
        ours = one["ours"]["phases"][phase]["cpu"]
        ratios.append(ours / theirs if other in _FLOORS else theirs / ours)
    aim = _AIMS.get((mix, other, phase), "")
    print(
        f"  CPU {phase:5} {label:23} {_median(ratios):6.2f}  "
        f"({min(ratios):.2f} to {max(ratios):.2f})  {aim}"
    )


def _counts(phase: dict[str, Any]) -> str:
    known = {key: value for key, value in phase.items() if key not in {"cpu", "wall", "served"}}
    served = phase["served"]
    return ", ".join(f"{key} {value}" for key, value in {**served, **known}.items())


def _median(values: Any) -> float:
    return float(statistics.median(values))


if __name__ == "__main__":
    main()

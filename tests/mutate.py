#!/usr/bin/env python3
"""Changes one place of the code at a time and sees whether a test notices.

    tests/mutate.py --count 60 --seed 1                  # of the files below
    tests/mutate.py src/learn/labels.c model:122         # all of a file, one line
    tests/mutate.py --list --count 60 --seed 1           # what it would do

A mutant is a copy of the tracked files with one operator, constant or condition changed.
It is killed when a native test fails, which is named, or takes --timeout seconds of CPU time; a
survivor is a line that no test looks at, or a change that makes no difference. Mutants that do
not compile, or to the same code, don't count. What survives is printed as file:line with the
line before and after, and is the exit status' reason.

The copy lies in build/mutants and stays, so that a second run compiles little.
"""

import argparse
import glob
import os
import random
import re
import resource
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COPY = os.path.join(ROOT, "build", "mutants", "tree")

# The code that judges, and the code that reads files.
FILES = """calibration heatmap labels model model_file model_load model_save robust
    second_product train trial view memory whitening image json safetensors tensors zip pickle vit_load vit_names convert
    fleck""".split()

# What may stand in the place of what. Only operators with spaces around are tried, so that
# pointers, casts and signs stay what they are.
SWAPS = {
    " < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " == ": " != ", " != ": " == ",
    " && ": " || ", " || ": " && ", " + ": " - ", " - ": " + ", " / ": " * ",
    "true": "false", "false": "true", "continue;": ";", "break;": ";",
}  # fmt: skip
TOKEN = re.compile(
    "|".join(re.escape(s) if s.strip() != s else r"\b" + re.escape(s) for s in SWAPS)
    + r"|if \((?!!)|(?<![\w.\"])\d+(?:\.\d+)?f?(?![\w.\"])|(?<=[(&| ])!(?=\w)"
)
HIDDEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^\s*#\s*(?:include|if|endif|else|pragma)[^\n]*',
    re.S | re.M,
)


def replacement(token):
    """What a token becomes; None to leave it."""
    if token in SWAPS:
        return SWAPS[token]
    if token == "if (":
        return "if (!"
    if token == "!":
        return ""
    if token.endswith("f") or "." in token:
        return token.rstrip("f") + " * 2" if float(token.rstrip("f")) else None
    return str(int(token) + 1)


def source(name):
    """The path of NAME.c, in whichever folder of src/ it is."""
    found = glob.glob(os.path.join(ROOT, "src", "**", name + ".c"), recursive=True)
    if len(found) != 1:
        sys.exit(f"{name}.c: {len(found)} such files in src/")
    return os.path.relpath(found[0], ROOT)


def places(path):
    """[(offset, old, new)] of a file, comments, strings and includes left out."""
    text = open(os.path.join(ROOT, path), encoding="utf-8").read()
    shown = HIDDEN.sub(lambda m: re.sub(r"[^\n]", "\0", m.group()), text)
    found = []
    for match in TOKEN.finditer(shown):
        new = replacement(match.group())
        if new is None:
            continue
        if match.group() == "if (":  # the whole condition is negated
            depth, end = 1, match.end()
            while depth:
                depth += {"(": 1, ")": -1}.get(shown[end], 0)
                end += 1
            found.append(
                (match.start(), text[match.start() : end], "if (!(" + text[match.end() : end] + ")")
            )
        else:
            found.append((match.start(), text[match.start() : match.end()], new))
    return text, found


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def whole_line(text, at):
    return text[text.rfind("\n", 0, at) + 1 : text.find("\n", at)].strip()


def choose(args):
    """[(path, offset, old, new, text)]: all of the places named, or so many drawn at random."""
    every = []
    for place in args.places or FILES:
        name, _, line = place.partition(":")
        path = name if "/" in name else source(name)
        text, found = places(path)
        every += [
            (path, at, old, new, text)
            for at, old, new in found
            if not line or line_of(text, at) == int(line)
        ]
    if args.count and args.count < len(every):
        every = sorted(random.Random(args.seed).sample(every, args.count), key=lambda m: m[:2])
    return every


def run(command, limit=None):
    """(whether it ended well, what it printed); a process of it may use limit seconds of CPU."""
    done = subprocess.run(
        command,
        cwd=COPY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        preexec_fn=limit and (lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))),
    )
    return done.returncode == 0, done.stdout


def build():
    return run(["cmake", "--build", "build/native", "-j", str(os.cpu_count())])[0]


def objects(path):
    """What the compiler makes of a file, in every library that has it."""
    paths = glob.glob(f"{COPY}/build/native/**/{os.path.basename(path)}.o", recursive=True)
    return [open(name, "rb").read() for name in sorted(paths)]


def ctest(args, *more):
    """The tests that fail, as ["test_zip (Failed)"], of those that args and more choose."""
    command = ["ctest", "--test-dir", "build/native", "-j", str(os.cpu_count())]
    # Time by the clock says little on a busy machine: CPU time counts, so long as it runs.
    command += ["--stop-on-failure", "--timeout", str(10 * args.timeout), *more]
    passed, output = run(command, limit=args.timeout)
    failed = re.findall(r"^\t +\d+ - (\S+ \(.*\))", output, re.M)
    return failed or ([] if passed else ["ctest"])


def chosen(args):
    """Two sets of ctest's arguments: quick tests, which kill most mutants, and the others."""
    costs = {}
    path = f"{COPY}/build/native/Testing/Temporary/CTestCostData.txt"
    for name, _, seconds in re.findall(r"^(\S+) (\d+) ([\d.]+)$", open(path).read(), re.M):
        if not re.search(args.without, name) and re.search(args.only or "", name):
            costs[name] = float(seconds)
    by_cost = sorted(costs, key=costs.get)
    halves = by_cost[: len(by_cost) * 3 // 4], by_cost[len(by_cost) * 3 // 4 :]
    return [["-R", f"^({'|'.join(names)})$"] for names in halves if names]


def killer(args, sets):
    """What notices the mutant; None if nothing does."""
    for tests in sets:
        for test in ctest(args, *tests):
            return test
    if args.command and not run(["sh", "-c", args.command], limit=args.timeout)[0]:
        return "the command"
    return None


def prepare():
    os.makedirs(COPY, exist_ok=True)
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    names = set(tracked.decode().split("\0"))
    for folder, folders, files in os.walk(COPY):
        folders[:] = [f for f in folders if os.path.join(folder, f) != os.path.join(COPY, "build")]
        for file in files:  # what was moved or deleted since
            if os.path.relpath(os.path.join(folder, file), COPY) not in names:
                os.remove(os.path.join(folder, file))
    for name in names:
        source, target = os.path.join(ROOT, name), os.path.join(COPY, name)
        if not name or not os.path.isfile(source):
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target) or open(source, "rb").read() != open(target, "rb").read():
            shutil.copyfile(source, target)
            shutil.copymode(source, target)
    beside, link = (os.path.join(os.path.dirname(p), "shared") for p in (ROOT, COPY))
    if os.path.isdir(beside) and not os.path.exists(link):
        os.symlink(beside, link)  # some tests look beside the tree
    # -w: what a mutant makes of a condition may deserve a warning
    if not run(["cmake", "--preset", "native", "-DCMAKE_C_FLAGS=-w"])[0] or not build():
        sys.exit("the tree does not build as it is")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "places",
        nargs="*",
        help="files, or file:line; NAME.c of a folder of src/ may be called NAME",
    )
    parser.add_argument(
        "--count", type=int, default=0, help="so many of them, drawn at random; 0: all"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--first", type=int, default=1, help="the one to begin with, to go on where a run ended"
    )
    parser.add_argument("--only", help="ctest's -R")
    parser.add_argument(
        "--without", default="train_backbone|backbone_full|bench", help="ctest's -E"
    )
    parser.add_argument(
        "--command", help="one more test, run in the copy, for what ctest does not see"
    )
    parser.add_argument(
        "--timeout", type=int, default=60, help="seconds of CPU time of a test that count as killed"
    )
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    args = parser.parse_args()

    mutants = choose(args)
    if args.list:
        for path, at, old, new, text in mutants:
            print(f"{path}:{line_of(text, at)}: {old.strip()} -> {new.strip()}")
        return
    prepare()
    failed = ctest(args, "-E", args.without, *(["-R", args.only] if args.only else []))
    if failed:
        sys.exit(f"on the tree as it is fails: {', '.join(failed)}")
    sets = chosen(args)
    clean = {mutant[0]: objects(mutant[0]) for mutant in mutants}
    survivors, killed, invalid = [], 0, 0
    for number, (path, at, old, new, text) in enumerate(mutants, 1):
        if number < args.first:
            continue
        target = os.path.join(COPY, path)
        mutant = text[:at] + new + text[at + len(old) :]
        try:
            open(target, "w", encoding="utf-8").write(mutant)
            if not build():
                invalid, verdict = invalid + 1, "does not compile"
            elif objects(path) == clean[path]:
                invalid, verdict = invalid + 1, "makes the same code"
            elif by := killer(args, sets):
                killed, verdict = killed + 1, f"killed by {by}"
            else:
                survivors.append((path, at, text, mutant))
                verdict = "SURVIVES"
        finally:
            open(target, "w", encoding="utf-8").write(text)
        print(
            f"{number}/{len(mutants)} {path}:{line_of(text, at)}: {whole_line(mutant, at)}: {verdict}",
            flush=True,
        )
    print(f"{killed} killed, {len(survivors)} survive, {invalid} don't count")
    for path, at, text, mutant in survivors:
        print(
            f"{path}:{line_of(text, at)}\n  - {whole_line(text, at)}\n  + {whole_line(mutant, at)}"
        )
    sys.exit(bool(survivors))


if __name__ == "__main__":
    main()

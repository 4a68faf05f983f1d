"""results.csv of evaluate.py -> tables in Markdown and a picture."""

import csv
import os
import statistics
from collections import Counter

KEY = ("backbone", "data", "contamination", "seed", "method")
METRICS = {
    "image_auroc": "image AUROC",
    "pixel_ap": "pixel AP",
    "image_ap": "image AP",
    "image_f1max": "image F1-max",
    "pixel_auroc": "pixel AUROC",
    "pixel_aupro": "pixel AUPRO",
}
HEADLINE = ("image_auroc", "pixel_ap")
PICTURED = ("elpv", "mtd")  # more would not fit a page
ESTIMATED_UP_TO = 0.2  # the share of defects to which a folder should tell their number
COSTS = {"train_seconds": "training, s", "score_seconds": "scoring, s", "peak_mb": "peak, MB"}
VERDICTS = {
    "good_called_defect": "good called defect",
    "precision": "precision",
    "recall": "recall",
}
COUNTS = ("separable", "found", "called", "silent")
COLUMNS = [
    "backbone",
    "data",
    "method",
    "contamination",
    "seed",
    "train_photos",
    "train_defective",
    "test_good",
    "test_defective",
    "image_auroc",
    "image_ap",
    "image_f1max",
    "pixel_auroc",
    "pixel_ap",
    "pixel_aupro",
    *COSTS,
    *(f"train_{name}" for name in VERDICTS),
    *(f"test_{name}" for name in VERDICTS),
    *COUNTS,
    "folder_says",
    "folder_estimate",
]
WORDS = ("backbone", "data", "method", "folder_says")
NUMBERS = ("seed", "train_photos", "train_defective", "test_good", "test_defective", *COUNTS)
DEFAULT_METHOD = "irmb"


# The file.


def parse(name, text):
    if name in WORDS or text == "":
        return text or None
    return int(text) if name in NUMBERS else float(text)


def read(file):
    """{key: row}; of rows with the same key the last one counts."""
    if not file.exists():
        return {}
    with open(file, newline="") as handle:
        lines = csv.reader(handle)
        if next(lines, COLUMNS) != COLUMNS:
            raise ValueError(
                f"{os.path.relpath(file)} has other columns than this script writes: move it away"
            )
        rows = [
            {name: parse(name, text) for name, text in zip(COLUMNS, line)}
            for line in lines
            if len(line) == len(COLUMNS)
        ]
    return {tuple(row[name] for name in KEY): row for row in rows}


def text_of(row):
    return [
        ""
        if row[name] is None
        else f"{row[name]:.6g}"
        if isinstance(row[name], float)
        else str(row[name])
        for name in COLUMNS
    ]


def append(file, row):
    fresh = not file.exists()
    with open(file, "a", newline="") as handle:
        lines = csv.writer(handle, lineterminator="\n")
        if fresh:
            lines.writerow(COLUMNS)
        lines.writerow(text_of(row))


def tidy(file):
    """Sorts the file and drops what was measured again; its rows."""
    found = read(file)
    rows = [found[key] for key in sorted(found)]
    if rows:
        part = file.with_suffix(".part")
        with open(part, "w", newline="") as handle:
            lines = csv.writer(handle, lineterminator="\n")
            lines.writerow(COLUMNS)
            lines.writerows(map(text_of, rows))
        part.rename(file)
    return rows


# Means and spreads.


def distinct(rows, name):
    return sorted({row[name] for row in rows})


def methods_of(rows, order):
    """Those of order first, then the others."""
    there = set(distinct(rows, "method"))
    return [name for name in order if name in there] + sorted(there - set(order))


def by_seed(rows, metric, data, shares):
    """A method's mean over data sets and contaminations for each seed that has them all."""
    values = {}
    for row in rows:
        if row["data"] in data and row["contamination"] in shares and row[metric] is not None:
            values.setdefault(row["seed"], []).append(row[metric])
    return [
        statistics.fmean(of_seed)
        for _, of_seed in sorted(values.items())
        if len(of_seed) == len(data) * len(shares)
    ]


def short(value):
    """.123; .005 stays readable beside 1.000 and -.005."""
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def shown(share):
    """A share in whole percents."""
    return f"{100 * share:.0f} %"


def cell(values, show):
    """mean ± standard deviation over seeds."""
    if not values:
        return "–"
    mean = show(statistics.fmean(values))
    return f"{mean} ± {show(statistics.stdev(values))}" if len(values) > 1 else mean


def grid(header, lines):
    out = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return out + ["| " + " | ".join(line) + " |" for line in lines]


# results.md


def metric_table(rows, order, metric, data):
    """A line for each method, a column for each contamination and one for their mean."""
    shares = distinct([row for row in rows if row["data"] in data], "contamination")
    columns = [[share] for share in shares] + ([shares] if len(shares) > 1 else [])
    methods = methods_of(rows, order)
    values = {
        (method, i): by_seed([row for row in rows if row["method"] == method], metric, data, column)
        for method in methods
        for i, column in enumerate(columns)
    }
    best = [
        max(
            (
                round(statistics.fmean(values[method, i]), 3)
                for method in methods
                if values[method, i]
            ),
            default=None,
        )
        for i in range(len(columns))
    ]
    lines = []
    for method in methods:
        if not any(values[method, i] for i in range(len(columns))):
            continue
        line = [method]
        for i in range(len(columns)):
            of = values[method, i]
            top = of and round(statistics.fmean(of), 3) == best[i]
            line.append(f"**{cell(of, short)}**" if top else cell(of, short))
        lines.append(line)
    header = [METRICS[metric], *map(shown, shares)]
    return grid(header + (["mean"] if len(shares) > 1 else []), lines) + [""]


def has(rows, metric, data):
    return any(row[metric] is not None for row in rows if row["data"] in data)


def metric_tables(rows, order, data):
    """The headline tables, and the others folded."""
    out = []
    for metric in HEADLINE:
        if has(rows, metric, data):
            out += metric_table(rows, order, metric, data)
    out += ["<details><summary>Other metrics</summary>", ""]
    for metric in METRICS:
        if metric not in HEADLINE and has(rows, metric, data):
            out += metric_table(rows, order, metric, data)
    return out + ["</details>", ""]


def percent(values):
    there = [value for value in values if value is not None]
    return shown(statistics.fmean(there)) if there else "–"


def efficiency(rows):
    """Found by separable defects of all rows together; None where none is separable."""
    separable = sum(row["separable"] or 0 for row in rows)
    return sum(row["found"] or 0 for row in rows) / separable if separable else None


def shown_efficiency(rows):
    value = efficiency(rows)
    if value is None:
        return "–"
    found, separable = (sum(row[name] or 0 for row in rows) for name in ("found", "separable"))
    return f"{value:.2f}".removeprefix("0" if value < 1 else "") + f" ({found} of {separable})"


def verdict_line(rows):
    """Cells on the verdicts of folders of any kind."""
    rows = [row for row in rows if row["separable"] is not None]
    good = sum(row["train_photos"] - row["train_defective"] + row["test_good"] for row in rows)
    folders = [row for row in rows if row["folder_says"]]
    clean = [row for row in folders if not row["train_defective"]]
    few = [row for row in folders if row["contamination"] <= ESTIMATED_UP_TO]
    return [
        shown_efficiency(rows),
        f"{100 * sum(row['called'] for row in rows) / good:.1f} %",
        f"{sum(row['folder_says'] == 'clean' for row in clean)} of {len(clean)}",
        f"{sum(row['silent'] for row in folders)} of {len(folders)}",
        f"{sum(row['folder_estimate'] or 0 for row in few):.0f} of "
        f"{sum(row['train_defective'] for row in few)}",
    ]


def verdicts_of_sets(rows, order):
    """The default method's verdicts on each data set, and each method's on all."""
    rows = [row for row in rows if row["separable"] is not None]
    if not rows:
        return []
    main = [row for row in rows if row["method"] == DEFAULT_METHOD]
    lines = [
        [data, DEFAULT_METHOD, *verdict_line([row for row in main if row["data"] == data])]
        for data in distinct(main, "data")
    ]
    for method in methods_of(rows, order):
        lines.append(
            ["all", method, *verdict_line([row for row in rows if row["method"] == method])]
        )
    header = ["data", "method", "efficiency", "good called defect", "clean folders said clean"]
    header += ["silent folders", "estimated defects, up to " + shown(ESTIMATED_UP_TO)]
    return [
        "### Verdicts",
        "",
        "*Efficiency*: defective photos found, by those that score higher than 98 % of the good "
        "ones. *Silent*: the folder is said to be clean although one of its photos is called "
        "defect, or a defective one could have been found among them.",
        "",
        *grid(header, lines),
        "",
    ]


def where_others_win(rows, order):
    """The default method beside the best other one on each data set, by ranking and verdict."""
    lines = []
    for data in distinct(rows, "data"):
        of_data = [row for row in rows if row["data"] == data]
        shares = distinct(of_data, "contamination")
        line = [data]
        for metric in (*HEADLINE, "efficiency"):
            values = {}
            for method in methods_of(of_data, order):
                mine = [row for row in of_data if row["method"] == method]
                if metric == "efficiency":
                    value = efficiency(mine)
                else:
                    of = by_seed(mine, metric, [data], shares)
                    value = statistics.fmean(of) if of else None
                if value is not None:
                    values[method] = round(value, 3)
            mine = values.pop(DEFAULT_METHOD, None)
            best = max(values, key=values.get, default=None)
            other = f"{short(values[best])} {best}" if best else "–"
            if best and mine is not None and values[best] > mine:
                other = f"**{other}**"
            line += ["–" if mine is None else short(mine), other]
        lines.append(line)
    header = ["data"]
    for title in (*(METRICS[metric] for metric in HEADLINE), "efficiency"):
        header += [f"{title}, {DEFAULT_METHOD}", "best other"]
    return ["### Where other methods win", "", "In bold: another method is ahead.", ""] + [
        *grid(header, lines),
        "",
    ]


def verdict_table(rows, order):
    """What the default threshold does to one data set: photos learnt from / others."""
    lines = []
    for method in methods_of(rows, order):
        for share in distinct(rows, "contamination"):
            cells = [
                row for row in rows if row["method"] == method and row["contamination"] == share
            ]
            if not cells:
                continue
            said = Counter(row["folder_says"] for row in cells if row["folder_says"])
            guess = [row["folder_estimate"] for row in cells if row["folder_estimate"] is not None]
            lines.append(
                [
                    method,
                    shown(share),
                    *(
                        f"{percent([row[f'train_{name}'] for row in cells])} / "
                        f"{percent([row[f'test_{name}'] for row in cells])}"
                        for name in VERDICTS
                    ),
                    shown_efficiency(cells),
                    ", ".join(f"{word} {times}" for word, times in said.most_common())
                    + (f" (about {statistics.fmean(guess):.0f})" if guess else ""),
                ]
            )
    return [
        "<details><summary>At the default threshold</summary>",
        "",
        "Photos learnt from / test photos, mean over seeds; efficiency over all of them.",
        "",
        *grid(["method", "defective", *VERDICTS.values(), "efficiency", "the folder"], lines),
        "",
        "</details>",
        "",
    ]


def cost_table(rows, order):
    """Medians: other work on the machine can multiply the seconds of a run."""
    lines = []
    for method in methods_of(rows, order):
        mine = [row for row in rows if row["method"] == method]
        lines.append(
            [method, *(f"{statistics.median(row[name] for row in mine):.1f}" for name in COSTS)]
        )
    return [
        "Costs, median of all runs, features given:",
        "",
        *grid(["method", *COSTS.values()], lines),
        "",
    ]


def size_of(rows):
    """The sizes of a data set's splits in a sentence."""

    def span(name):
        low, high = min(row[name] for row in rows), max(row[name] for row in rows)
        return f"{low}" if low == high else f"{low} to {high}"

    return (
        f"Learnt from {span('train_photos')} photos, {span('train_defective')} of them "
        f"defective; tested on {span('test_good')} good and {span('test_defective')} "
        "defective ones."
    )


def tables(rows, order):
    """The text of results.md."""
    out = [
        "# Methods on contaminated folders",
        "",
        "Written by `scripts/quality/evaluate.py`, which also explains the columns of `results.csv`. "
        "Columns are shares of defective photos among those learnt from; cells are means ± "
        "standard deviations over seeds, the best in bold.",
        "",
    ]
    for backbone in distinct(rows, "backbone"):
        mine = [row for row in rows if row["backbone"] == backbone]
        out += [f"## {backbone}", ""]
        shares = distinct(mine, "contamination")
        whole = [
            data
            for data in distinct(mine, "data")
            if distinct([row for row in mine if row["data"] == data], "contamination") == shares
        ]
        if len(whole) > 1:
            out += ["### Mean of " + ", ".join(whole), ""]
            for metric in HEADLINE:
                data = [name for name in whole if has(mine, metric, [name])]
                if len(data) > 1:
                    out += metric_table(mine, order, metric, data)
            out += cost_table([row for row in mine if row["data"] in whole], order)
        out += verdicts_of_sets(mine, order)
        if DEFAULT_METHOD in distinct(mine, "method"):
            out += where_others_win(mine, order)
        for data in distinct(mine, "data"):
            of_data = [row for row in mine if row["data"] == data]
            out += [
                f"### {data}",
                "",
                size_of(of_data),
                "",
                *metric_tables(of_data, order, [data]),
                *verdict_table(of_data, order),
            ]
            if data not in whole or len(whole) == 1:
                out += cost_table(of_data, order)
    return "\n".join(out).rstrip() + "\n"


# quality.svg

INK, FAINT = "#1f2328", "#d8dee4"
# Paul Tol's bright scheme, which the colour-blind can tell apart; red is the default method's.
RED = "#ee6677"
COLOURS = ("#4477aa", "#66ccee", "#228833", "#ccbb44", "#aa3377", "#999999")
MARKERS = "sD^vPX"


def lines_of(rows):
    """The rows that make a line: a single contamination is a point."""
    shares = {}
    for row in rows:
        shares.setdefault((row["backbone"], row["data"], row["method"]), set()).add(
            row["contamination"]
        )
    return [row for row in rows if len(shares[row["backbone"], row["data"], row["method"]]) > 1]


def draw_panel(axes, rows, methods, metric):
    for i, method in enumerate(methods):
        mine = [row for row in rows if row["method"] == method and row[metric] is not None]
        shares = distinct(mine, "contamination")
        values = [
            [row[metric] for row in mine if row["contamination"] == share] for share in shares
        ]
        mean = [statistics.fmean(of) for of in values]
        spread = [statistics.stdev(of) if len(of) > 1 else 0 for of in values]
        main = method == DEFAULT_METHOD
        colour = RED if main else COLOURS[i % len(COLOURS)]
        at = [100 * share for share in shares]
        axes.plot(
            at,
            mean,
            color=colour,
            label=method,
            marker="o" if main else MARKERS[i % len(MARKERS)],
            linewidth=2.4 if main else 1.3,
            markersize=5 if main else 4,
            zorder=3 if main else 2,
        )
        axes.fill_between(
            at,
            [m - s for m, s in zip(mean, spread)],
            [m + s for m, s in zip(mean, spread)],
            color=colour,
            alpha=0.10,
            linewidth=0,
        )
    axes.set_xticks([100 * share for share in distinct(rows, "contamination")])
    axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(length=0, colors=INK, labelsize=8.5)


def plot(rows, order, file):
    """A row of panels for each backbone, a line for each method. False without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("svg")
    matplotlib.rcParams.update(
        {"svg.hashsalt": "fleck", "text.color": INK, "axes.labelcolor": INK, "font.size": 9}
    )
    from matplotlib import pyplot

    rows = [row for row in rows if row["data"] in PICTURED] or rows
    rows = lines_of(rows) or rows
    backbones, methods = distinct(rows, "backbone"), methods_of(rows, order)
    panels = [
        (metric, data)
        for metric in HEADLINE
        for data in distinct(rows, "data")
        if has(rows, metric, [data])
    ]
    figure, axes = pyplot.subplots(
        len(backbones),
        len(panels),
        squeeze=False,
        sharey="col",
        figsize=(3.1 * len(panels), 2.7 * len(backbones) + 0.8),
    )
    figure.set_facecolor("white")
    for line, backbone in zip(axes, backbones):
        for panel, (metric, data) in zip(line, panels):
            draw_panel(
                panel,
                [row for row in rows if row["backbone"] == backbone and row["data"] == data],
                methods,
                metric,
            )
            panel.set_title(f"{data}: {METRICS[metric]}", fontsize=9.5, loc="left")
        line[0].set_ylabel(backbone)
    for panel in axes[-1]:
        panel.set_xlabel("defective among the photos learnt from, %", fontsize=8.5)
    handles = {}
    for panel in axes.flat:
        for handle, label in zip(*panel.get_legend_handles_labels()):
            handles.setdefault(label, handle)
    figure.legend(
        handles.values(), handles.keys(), loc="upper center", ncol=len(handles), frameon=False
    )
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.35 / figure.get_figheight()))
    figure.savefig(file, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    return True

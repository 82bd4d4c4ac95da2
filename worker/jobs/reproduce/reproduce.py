#!/usr/bin/env python3
"""Recomputes the accuracy table and the primary contrast of this folder from its tables, and compares them with results.json.

Needs Python 3.8 and NumPy. Prints a line a number; ends with 1 where one differs by more than 0.000001 (of 1, or of its size where that is more).
Formulas: shares by the ratio estimator with Wilson's interval on the effective number of images; areas by Obuchowski 1997 with a logit interval;
averages over readers by U-statistics (Gallas 2009) with clusters of images. A cluster is a patient.
"""
import csv
import json
import math
import os
import sys
from statistics import NormalDist

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
Z = NormalDist().inv_cdf(0.975)
TOLERANCE = 1e-6


# ---- Student's t ----------------------------------------------------------------------------------------------------------

def incomplete_beta(a, b, x):
    """Regularised, by Lentz's continued fraction."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    h = d
    for m in range(1, 10_000):
        for step in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                     -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 + step * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + step / c
            c = c if abs(c) > tiny else tiny
            h *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return front * h


def two_sided_p(t, df):
    """Of Student's t; of the normal distribution where df is None."""
    return math.erfc(abs(t) / math.sqrt(2)) if df is None else incomplete_beta(df / 2, 0.5, df / (df + t * t))


def quantile(df):
    """Of a two-sided 95 % interval."""
    if df is None:
        return Z
    low, high = 0.0, 1e7
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided_p(middle, df) > 0.05 else (low, middle)
    return (low + high) / 2


# ---- one party ------------------------------------------------------------------------------------------------------------

def wilson(p, n):
    centre, scale = p + Z * Z / (2 * n), 1 + Z * Z / n
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return (0.0 if p == 0 else (centre - half) / scale, 1.0 if p == 1 else (centre + half) / scale)


def share(outcome, cluster):
    """Estimate and limits of a share of images that come in clusters."""
    n = len(outcome)
    if n == 0:
        return None, None, None
    _, of = np.unique(cluster, return_inverse=True)
    events, trials = np.bincount(of, weights=outcome), np.bincount(of)
    count, p = len(trials), outcome.sum() / n
    if count < 2:
        return p, None, None
    binomial = p * (1 - p) / n
    if binomial == 0:
        return (p, *wilson(p, count))
    variance = count / (count - 1) * ((events - p * trials) ** 2).sum() / n ** 2
    if variance < 1e-20 * binomial:
        return p, None, None
    return (p, *wilson(p, n * binomial / variance))


def components(truth, score):
    """For each positive the share of negatives below it, for each negative the share of positives above it; ties count half."""
    positive, negative = score[truth == 1], score[truth == 0]
    below = lambda values, others: (np.searchsorted(others, values, "left") + np.searchsorted(others, values, "right")) / 2
    return below(positive, np.sort(negative)) / len(negative), 1 - below(negative, np.sort(positive)) / len(positive)


def area(truth, score, cluster):
    """Estimate and limits of an area under the ROC curve of images that come in clusters."""
    if len(truth) == 0 or truth.min() == truth.max():
        return None, None, None
    v10, v01 = components(truth, score)
    auc = v10.mean()
    _, of = np.unique(cluster, return_inverse=True)
    total = of.max() + 1
    above = np.bincount(of[truth == 1], weights=v10 - auc, minlength=total)
    beside = np.bincount(of[truth == 0], weights=v01 - auc, minlength=total)
    with_positive, with_negative = len(np.unique(of[truth == 1])), len(np.unique(of[truth == 0]))
    if min(with_positive, with_negative) < 2:
        return auc, None, None
    per_df = lambda count: count / (count - 1)
    parts = [per_df(with_positive) * (above ** 2).sum() / len(v10) ** 2,
             per_df(with_negative) * (beside ** 2).sum() / len(v01) ** 2,
             2 * per_df(total) * (above * beside).sum() / (len(v10) * len(v01))]
    variance = sum(parts)
    if abs(variance) <= 1e-12 * sum(map(abs, parts)) or variance < 1e-28 or not 0 < auc < 1:
        return auc, None, None
    logit = math.log(auc / (1 - auc))
    half = quantile(min(with_positive, with_negative) - 1) * math.sqrt(variance) / (auc * (1 - auc))
    back = lambda x: 1 / (1 + math.exp(-x))
    return auc, back(logit - half), back(logit + half)


# ---- averages over readers ------------------------------------------------------------------------------------------------

def weigh(reads):
    """What a read of each reader weighs in either test: alike in both, nothing for a reader of one test only, unless all are."""
    in_both = [a > 0 and b > 0 for a, b in reads]
    nested = not any(in_both)
    weight = [a + b if nested else (a + b) / 2 if both else 0 for (a, b), both in zip(reads, in_both)]
    factor = lambda of, w: w / of if of > 0 else 0.0
    first = np.array([factor(a, w) for (a, _), w in zip(reads, weight)])
    second = np.array([factor(b, w) for (_, b), w in zip(reads, weight)])
    sides = [[a for a, _ in reads], [b for _, b in reads]] if nested else [weight]
    effective = min(sum(side) ** 2 / sum(w * w for w in side) if any(side) else 0 for side in sides)
    return first, second, sum(a + b > 0 for a, b in reads) if nested else sum(in_both), effective


def unlike(x, y):
    """Sum of products over two (positive cluster, negative cluster) pairs that have no cluster in common."""
    rows_x, columns_x, rows_y, columns_y = x.sum(1), x.sum(0), y.sum(1), y.sum(0)
    within_x, within_y = np.diag(x), np.diag(y)
    one = (rows_x + columns_x) @ (rows_y + columns_y)
    two = (x * y).sum() + (x * y.T).sum() + (rows_x + columns_x) @ within_y + within_x @ (rows_y + columns_y)
    return x.sum() * y.sum() - one + two - 3 * within_x @ within_y


def moments_of_areas(won, read, other_won, other_read):
    """Unbiased second moment, and what readers, positives and negatives alone add, with their degrees of freedom."""
    def sums(x, y):
        all_x, all_y = x.sum(0), y.sum(0)
        apart = unlike(all_x, all_y) - sum(unlike(a, b) for a, b in zip(x, y))
        own = sum(a.sum() * b.sum() for a, b in zip(x, y))
        return apart, [own, all_x.sum(1) @ all_y.sum(1), all_x.sum(0) @ all_y.sum(0)], all_x.sum() * all_y.sum()
    return in_moments(sums(won, other_won), sums(read, other_read))


def moments_of_shares(right, read, other_right, other_read):
    def sums(x, y):
        every = x.sum() * y.sum()
        reader, cluster = x.sum(1) @ y.sum(1), x.sum(0) @ y.sum(0)
        return every - reader - cluster + (x * y).sum(), [reader, cluster], every
    return in_moments(sums(right, other_right), sums(read, other_read))


def in_moments(outcome, read):
    (apart, sources, every), (apart_read, sources_read, every_read) = outcome, read
    mean = every / every_read if every_read else 0
    return {
        "estimable": apart_read > 0,
        "unbiased": apart / apart_read if apart_read > 0 else 0,
        "sources": [s / r - mean if r else 0 for s, r in zip(sources, sources_read)],
        "df": [math.floor(every_read / r - 1 + 0.5) if r else 0 for r in sources_read],
    }


def contrast(truth, cluster, first, second, measure):
    """First less second, averaged over readers: rows are readers, columns images; NaN where an image was not read.

    Returns fixed and random readers, each estimate, limits, df and P; None where there is nothing to test.
    """
    wanted = {"auc": [0, 1], "sensitivity": [1], "specificity": [0]}[measure]
    kept = np.isin(truth, wanted) & (~np.isnan(first) | ~np.isnan(second)).any(0)
    truth, cluster, first, second = truth[kept], cluster[kept], first[:, kept], second[:, kept]
    if any(len(np.unique(cluster[truth == of])) < 2 for of in wanted):
        return None, None
    _, of = np.unique(cluster, return_inverse=True)
    clusters = of.max() + 1
    has = [~np.isnan(first), ~np.isnan(second)]
    if measure == "auc":
        pairs = [[int((read & (truth == 1)).sum()) * int((read & (truth == 0)).sum()) for read in side] for side in has]
    else:
        pairs = [[int(read.sum()) for read in side] for side in has]
    *weights, readers, effective = weigh(list(zip(*pairs)))

    sides = []
    for scores, read, weight in zip([first, second], has, weights):
        if measure == "auc":
            won, seen = np.zeros((len(scores), clusters, clusters)), np.zeros((len(scores), clusters, clusters))
            for r in range(len(scores)):
                p, q = np.where(read[r] & (truth == 1))[0], np.where(read[r] & (truth == 0))[0]
                above = scores[r, p][:, None] - scores[r, q][None, :]
                at = (of[p][:, None] * clusters + of[q][None, :]).ravel()
                win = ((above > 0) + 0.5 * (above == 0)).ravel()
                won[r] = weight[r] * np.bincount(at, weights=win, minlength=clusters ** 2).reshape(clusters, clusters)
                seen[r] = weight[r] * np.bincount(at, minlength=clusters ** 2).reshape(clusters, clusters)
            total = seen.sum()
            average = won.sum() / total
            positive = (won.sum((0, 2)) - average * seen.sum((0, 2))) / total
            negative = (won.sum((0, 1)) - average * seen.sum((0, 1))) / total
            holds = [seen.sum((0, 2)) > 0, seen.sum((0, 1)) > 0]
            sides.append((won, seen, average, [positive, negative], holds))
        else:
            right, seen = np.zeros((len(scores), clusters)), np.zeros((len(scores), clusters))
            for r in range(len(scores)):
                seen[r] = weight[r] * np.bincount(of[read[r]], minlength=clusters)
                right[r] = weight[r] * np.bincount(of[read[r] & (scores[r] == wanted[0])], minlength=clusters)
            total = seen.sum()
            average = right.sum() / total
            sides.append((right, seen, average, [(right.sum(0) - average * seen.sum(0)) / total], [seen.sum(0) > 0]))
    (a, seen_a, average_a, parts_a, holds_a), (b, seen_b, average_b, parts_b, holds_b) = sides
    estimate = average_a - average_b

    per_df = lambda count: count / (count - 1) if count > 1 else 0
    counts = lambda holds: [int(h.sum()) for h in holds] + [int(np.logical_or.reduce(holds).sum())]
    def variance_of(parts, counted):
        own = sum(per_df(count) * (part ** 2).sum() for part, count in zip(parts, counted))
        return own + (2 * per_df(counted[-1]) * (parts[0] @ parts[1]) if len(parts) == 2 else 0)
    counted = [counts(holds_a), counts(holds_b)]
    least = [min(pair) for pair in zip(*counted)]
    smaller = [min(each[:-1]) for each in counted]
    variances = [variance_of(parts_a, counted[0]), variance_of(parts_b, counted[1])]
    size, fewest = sum(variances), min(smaller)
    if (np.logical_or.reduce(holds_a) & np.logical_or.reduce(holds_b)).any():
        fixed, df = variance_of([x - y for x, y in zip(parts_a, parts_b)], least), fewest - 1
    else:
        spread = sum(v * v / (count - 1) for v, count in zip(variances, smaller))
        fixed, df = size, max(fewest - 1, size * size / spread) if spread else fewest - 1

    def test(variance, df):
        if variance <= 1e-12 * size:
            return {"limits": None, "df": df, "p": None, "estimate": estimate}
        error = math.sqrt(variance)
        half = quantile(df) * error
        return {"limits": (estimate - half, estimate + half), "df": df, "p": two_sided_p(estimate / error, df), "estimate": estimate}
    of_fixed = test(fixed, df)

    moments = moments_of_areas if measure == "auc" else moments_of_shares
    own, other, shared = moments(a, seen_a, a, seen_a), moments(b, seen_b, b, seen_b), moments(a, seen_a, b, seen_b)
    if readers < 2 or not (own["estimable"] and other["estimable"] and shared["estimable"]):
        return of_fixed, None
    dfs = [min(x, y) for x, y in zip(own["df"], other["df"])]
    if min(dfs) < 1:
        return of_fixed, {"limits": None, "df": None, "p": None, "estimate": estimate}
    square = lambda x, y, m: x * y - m["unbiased"]
    unbiased = square(average_a, average_a, own) + square(average_b, average_b, other) - 2 * square(average_a, average_b, shared)
    sources = [x + y - 2 * z for x, y, z in zip(own["sources"], other["sources"], shared["sources"])]
    variance = max(unbiased, fixed)
    spread = sum(s * s / d ** 3 for s, d in zip(sources, dfs))
    df = None if spread == 0 else max(min(dfs), variance ** 2 / spread)
    of_random = {**test(variance, None if df is None or df > 50 else math.floor(df)), "df": df}
    # Readers like these are never surer than these very readers, and nothing is tested of fewer than five.
    width = lambda each: each["limits"][1] - each["limits"][0] if each["limits"] else 0
    if width(of_random) < width(of_fixed):
        of_random = {**of_random, "limits": of_fixed["limits"], "df": of_fixed["df"]}
    tested = of_random["p"] is not None and math.floor(effective + 0.5) >= 5
    return of_fixed, {**of_random, "p": max(of_random["p"], of_fixed["p"] or 0) if tested else None}


# ---- the tables and the results -------------------------------------------------------------------------------------------

def table(name):
    with open(os.path.join(here, name), encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def counted(read):
    """The call that counts: of a case that was not evaluable, what the plan says."""
    truth = TRUTH[place[read["image"]]]
    if read["call"]:
        return int(read["call"])
    return {"exclude": math.nan, "positive": 1, "negative": 0, "incorrect": 1 - truth}[SETTINGS["notEvaluable"]]


def rank(read):
    """A guess that it is positive lies above a guess that it is negative."""
    if not read["call"] or not read["confidence"]:
        return math.nan
    return 101 + float(read["confidence"]) if read["call"] == "1" else 100 - float(read["confidence"])


images = table("images.csv")
place = {image["image"]: i for i, image in enumerate(images)}
TRUTH = np.array([int(image["truth"]) for image in images])
CLUSTER = np.array([image["patient"] for image in images])
with open(os.path.join(here, "results.json"), encoding="utf-8") as file:
    RESULTS = json.load(file)
with open(os.path.join(here, "settings.json"), encoding="utf-8") as file:
    SETTINGS = json.load(file)

nothing = lambda: np.full(len(images), math.nan)
calls, ratings, own = {}, {}, {}
for read in table("reads.csv"):
    if read["occasion"] != "1":
        continue
    party = (read["reader"], read["condition"])
    calls.setdefault(party, nothing())[place[read["image"]]] = counted(read)
    ratings.setdefault(party, nothing())[place[read["image"]]] = rank(read)
    if read["rating"] and read["call"]:
        own.setdefault(party, nothing())[place[read["image"]]] = float(read["rating"])
# Who gave ratings in a condition is ranked by them alone.
ratings.update(own)
if os.path.exists(os.path.join(here, "scores.csv")):
    party = ("network", None)
    calls[party], ratings[party] = nothing(), nothing()
    for row in table("scores.csv"):
        ratings[party][place[row["image"]]] = float(row["score"])
        calls[party][place[row["image"]]] = float(row["score"]) >= float(row["threshold"])

failed = 0


def check(what, stored, computed):
    global failed
    if stored is None or computed is None:
        same = stored is None and computed is None
    else:
        same = abs(stored - computed) <= TOLERANCE * max(1, abs(stored))
    failed += not same
    print(f"{'ok        ' if same else 'DIFFERENT '} {what}: {computed}" + ("" if same else f", results.json has {stored}"))


def estimate(what, stored, computed):
    for name, value in zip(["estimate", "lower", "upper"], computed):
        check(f"{what} {name}", stored[name], value)


for row in RESULTS["rows"]:
    party = (row["reader"], row["condition"])
    own = calls[party]
    seen = ~np.isnan(own)
    right = (own == TRUTH).astype(float)
    name = " ".join(part for part in party if part)
    for count, truth, call in (("tp", 1, 1), ("fn", 1, 0), ("tn", 0, 0), ("fp", 0, 1)):
        check(f"{name} {count}", row[count], int((seen & (TRUTH == truth) & (own == call)).sum()))
    for measure, among in (("sensitivity", TRUTH == 1), ("specificity", TRUTH == 0), ("ppv", own == 1), ("npv", own == 0),
                           ("accuracy", seen)):
        kept = seen & among
        estimate(f"{name} {measure}", row[measure], share(right[kept], CLUSTER[kept]))
    rated = ~np.isnan(ratings[party])
    estimate(f"{name} auc", row["auc"], area(TRUTH[rated], ratings[party][rated], CLUSTER[rated]))

primary = RESULTS["primary"]
if primary is None:
    print("The protocol plans no primary contrast.")
else:
    measure = primary["measure"]
    given = ratings if measure == "auc" else calls
    of = lambda condition: {r: given[(r, c)] for r, c in given if c == condition and not np.isnan(given[(r, c)]).all()}
    second = of(primary["second"])
    if primary["first"] is None:
        scores = given.get(("network", None), nothing())
        first = {reader: np.where(np.isnan(reads), math.nan, scores) for reader, reads in second.items()}
        second = {reader: np.where(np.isnan(scores), math.nan, reads) for reader, reads in second.items()}
        readers = list(second)
    else:
        first = of(primary["first"])
        readers = [reader for reader in first if reader in second] or list({**first, **second})
    rows = lambda side: np.array([side.get(reader, nothing()) for reader in readers])
    fixed, random = contrast(TRUTH, CLUSTER, rows(first), rows(second), measure) if readers else (None, None)
    found = fixed if primary["readers"] == "fixed" else random
    found = found or {"estimate": None, "limits": None, "df": None, "p": None}
    lower, upper = found["limits"] or (None, None)
    clipped = lambda value: None if value is None else max(-1.0, min(1.0, value))
    estimate("primary contrast", primary["difference"], (found["estimate"], clipped(lower), clipped(upper)))
    check("primary contrast df", primary["df"], found["df"])
    check("primary contrast P", primary["p"], found["p"])

print(f"{failed} numbers differ." if failed else "Every number is that of results.json.")
sys.exit(1 if failed else 0)

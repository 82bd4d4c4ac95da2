#!/usr/bin/env python3
"""Recomputes the accuracy table, the primary contrast and the subgroups of this folder from its tables, and compares them with results.json: counted by the unit
of the plan and by the others, with the calls of the plan and with those judged otherwise.

Needs Python 3.8 and NumPy. Prints a line a number; ends with 1 where one differs by more than 0.000001 (of 1, or of its size where that is more).
Formulas: shares by the ratio estimator with Wilson's interval on the effective number of images; areas by Obuchowski 1997 with a logit interval;
averages over readers by U-statistics (Gallas 2009) with clusters of images; interaction with a subgroup by Wald's test as Hotelling's T squared. A cluster is a
patient.
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


def f_upper_tail(x, df):
    return 1 - incomplete_beta(df[0] / 2, df[1] / 2, df[0] * x / (df[0] * x + df[1])) if x > 0 else 1.0


# ---- one party ------------------------------------------------------------------------------------------------------------

def wilson(p, n):
    centre, scale = p + Z * Z / (2 * n), 1 + Z * Z / n
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return (0.0 if p == 0 else (centre - half) / scale, 1.0 if p == 1 else (centre + half) / scale)


def per_df(count):
    return count / (count - 1) if count > 1 else 0


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


# ---- subgroups ------------------------------------------------------------------------------------------------------------

def figure_of(values, truth, patient, patients, measure):
    """An area or a share of one reader, and what each patient's positives and negatives add to it; with the pairs (images) it is an average of."""
    own = ~np.isnan(values)
    values, truth, patient = values[own], truth[own], patient[own]
    positive, negative = np.zeros(patients), np.zeros(patients)
    size = int((truth == 1).sum()) * int((truth == 0).sum()) if measure == "auc" else len(values)
    if size == 0:
        return 0, 0.0, positive, negative
    if measure == "auc":
        v10, v01 = components(truth, values)
        value = v10.mean()
        positive = np.bincount(patient[truth == 1], weights=(v10 - value) / len(v10), minlength=patients)
        negative = np.bincount(patient[truth == 0], weights=(v01 - value) / len(v01), minlength=patients)
    else:
        right = (values == truth).astype(float)
        value = right.mean()
        adds = np.bincount(patient, weights=(right - value) / size, minlength=patients)
        positive, negative = (adds, negative) if measure == "sensitivity" else (positive, adds)
    return size, value, positive, negative


def in_subgroup(first, second, truth, patient, patients, measure):
    """First less second in one subgroup, averaged over these very readers: rows are readers, columns its units in the classes of the measure."""
    seen = (~np.isnan(first) | ~np.isnan(second)).any(0)
    found = {"n": int(seen.sum()), "positive": int(truth[seen].sum()), "patients": len(np.unique(patient[seen])),
             "difference": (None, None, None), "p": None, "influence": None}
    figures = [[figure_of(row, truth, patient, patients, measure) for row in pair] for pair in zip(first, second)]
    figures = [(a, b) for a, b in figures if a[0] > 0 and b[0] > 0]
    if not figures:
        return found
    weight = np.array([(a[0] + b[0]) / 2 for a, b in figures])
    value, positive, negative = (sum(w * (a[part] - b[part]) for (a, b), w in zip(figures, weight / weight.sum())) for part in (1, 2, 3))
    found["difference"] = (value, None, None)
    of_class = {of: len(np.unique(patient[seen & (truth == of)])) for of in (1, 0)}
    clusters = min(of_class[of] for of in {"auc": [0, 1], "sensitivity": [1], "specificity": [0]}[measure])
    if clusters < 2:
        return found
    variance = (per_df(of_class[1]) * positive @ positive + per_df(of_class[0]) * negative @ negative
                + 2 * per_df(found["patients"]) * positive @ negative)
    if variance < 1e-15:
        return found
    half = quantile(clusters - 1) * math.sqrt(variance)
    influence = math.sqrt(per_df(of_class[1])) * positive + math.sqrt(per_df(of_class[0])) * negative
    return {**found, "difference": (value, max(-1.0, value - half), min(1.0, value + half)),
            "p": two_sided_p(value / math.sqrt(variance), clusters - 1), "influence": influence, "clusters": clusters}


def interaction_of(levels):
    """Whether the differences of these subgroups are equal: F, its degrees of freedom and P."""
    nothing = None, (None, None), None
    q = len(levels) - 1
    if q < 1:
        return nothing
    *others, last = levels
    difference = np.array([level["difference"][0] - last["difference"][0] for level in others])
    influence = np.array([level["influence"] - last["influence"] for level in others])
    covariance = influence @ influence.T
    try:
        lower = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return nothing
    patients = min(level["clusters"] for level in levels) + q - 1
    df = (q, patients - q)
    if (np.diag(lower) ** 2 <= 1e-12 * np.diag(covariance)).any() or df[1] < 1:
        return nothing
    statistic = difference @ np.linalg.solve(covariance, difference) * df[1] / (q * (patients - 1))
    return statistic, df, f_upper_tail(statistic, df)


# ---- the tables and the results -------------------------------------------------------------------------------------------

def table(name):
    with open(os.path.join(here, name), encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_json(name):
    with open(os.path.join(here, name), encoding="utf-8") as file:
        return json.load(file)


images = table("images.csv")
place = {image["image"]: i for i, image in enumerate(images)}
RESULTS, SETTINGS = read_json("results.json"), read_json("settings.json")
reads = [read for read in table("reads.csv") if read["occasion"] == "1"]
scores = table("scores.csv") if os.path.exists(os.path.join(here, "scores.csv")) else None


def rank(read):
    """Calls as given ranked by confidence, a positive guess above a negative one; NaN without either."""
    if not read["call"] or not read["confidence"]:
        return math.nan
    return 101 + float(read["confidence"]) if read["call"] == "1" else 100 - float(read["confidence"])


def opinions_of_images(rule_set):
    """By party, what was said of every image: calls (those of a rule set; None: as they were given) and ratings, and of the network also from which score a call
    is positive."""
    nothing = lambda: np.full(len(images), math.nan)
    calls, ranks, ratings = {}, {}, {}
    for read in reads:
        party, at = (read["reader"], read["condition"]), place[read["image"]]
        for values in (calls, ranks, ratings):
            values.setdefault(party, nothing())
        if read["call"]:
            calls[party][at] = int(read["call"] if rule_set is None else read[f"call_{rule_set}"])
        else:
            # Not evaluable: it counts as the plan says, and for areas not at all.
            wrong = 1 - int(images[at]["truth"])
            calls[party][at] = {"exclude": math.nan, "positive": 1, "negative": 0, "incorrect": wrong}[SETTINGS["notEvaluable"]]
        ranks[party][at] = rank(read)
        ratings[party][at] = float(read["rating"] or math.nan)
    # By ratings alone where the reader gave any in the condition.
    found = {party: {"calls": calls[party], "ratings": ranks[party] if np.isnan(given).all() else given} for party, given in ratings.items()}
    if scores is not None:
        network = {"calls": nothing(), "ratings": nothing(), "cuts": nothing()}
        for row in scores:
            at, score, cut = place[row["image"]], float(row["score"]), float(row["threshold"])
            network["ratings"][at], network["cuts"][at], network["calls"][at] = score, cut, score >= cut
        found[("network", None)] = network
    return found


def average(values):
    """Added in the order of the images, so that means tie where the program's do."""
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


class Units:
    """Images, nodes or patients, positive where one image is, and what was said of them: one opinion out of those of their images, by the rule."""

    def __init__(self, level, rule, parties):
        key = {"image": lambda image: image["image"], "node": lambda image: (image["patient"], image["node"]),
               "patient": lambda image: image["patient"]}[level]
        members = {}
        for at, image in enumerate(images):
            members.setdefault(key(image), []).append(at)
        self.members = list(members.values())
        self.truth = np.array([max(int(images[at]["truth"]) for at in own) for own in self.members])
        patients = [images[own[0]]["patient"] for own in self.members]
        self.cluster = np.unique(np.array(patients), return_inverse=True)[1]
        half = lambda values: float(average(values) >= 0.5)
        call = max if rule == "any" else half
        rating = {"any": max, "majority": lambda values: float(np.median(values)), "mean": average}[rule]
        self.parties = {}
        for party, said in parties.items():
            if rule == "mean" and "cuts" in said:
                ratings, cuts = self.of(said["ratings"], average), self.of(said["cuts"], average)
                calls = np.where(np.isnan(ratings), math.nan, ratings >= cuts)
            else:
                calls = self.of(said["calls"], call)
            self.parties[party] = {"calls": calls, "ratings": self.of(said["ratings"], rating)}

    def of(self, values, combine):
        said = ([values[at] for at in own if not math.isnan(values[at])] for own in self.members)
        return np.array([combine(own) if own else math.nan for own in said])

    def group(self, factor):
        """A unit whose images are of several subgroups is in none."""
        groups = [{images[at][f"group_{factor}"] for at in own} for own in self.members]
        return np.array([next(iter(own)) if len(own) == 1 else "" for own in groups])


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


def check_rows(what, rows, units):
    """The accuracy table. Without areas where only the calls are others."""
    for row in rows:
        said = units.parties[(row["reader"], row["condition"])]
        own, seen = said["calls"], ~np.isnan(said["calls"])
        right = (own == units.truth).astype(float)
        name = what + " ".join(part for part in (row["reader"], row["condition"]) if part)
        for count, truth, call in (("tp", 1, 1), ("fn", 1, 0), ("tn", 0, 0), ("fp", 0, 1)):
            check(f"{name} {count}", row[count], int((seen & (units.truth == truth) & (own == call)).sum()))
        for measure, among in (("sensitivity", units.truth == 1), ("specificity", units.truth == 0), ("ppv", own == 1),
                               ("npv", own == 0), ("accuracy", seen)):
            kept = seen & among
            estimate(f"{name} {measure}", row[measure], share(right[kept], units.cluster[kept]))
        if "auc" in row:
            rated = ~np.isnan(said["ratings"])
            estimate(f"{name} auc", row["auc"], area(units.truth[rated], said["ratings"][rated], units.cluster[rated]))


def sides_of(about, units):
    """What the parties of a contrast said, by reader: first and second. The network is held against each reader on what both have."""
    kind = "ratings" if about["measure"] == "auc" else "calls"
    def in_condition(condition):
        found = {reader: said[kind] for (reader, of), said in units.parties.items() if of == condition}
        return {reader: row for reader, row in found.items() if not np.isnan(row).all()} if kind == "ratings" else found
    second = in_condition(about["second"])
    if about["first"] is not None:
        return in_condition(about["first"]), second
    network = units.parties.get(("network", None))
    scored = np.full(len(units.truth), math.nan) if network is None else network[kind]
    return ({reader: np.where(np.isnan(row), math.nan, scored) for reader, row in second.items()},
            {reader: np.where(np.isnan(scored), math.nan, row) for reader, row in second.items()})


def averaged_over(first, second):
    """The readers of both sides; nested readers, of whom nobody is in both, all together."""
    return [reader for reader in first if reader in second] or list({**first, **second})


def rows_of(side, readers, width):
    nothing = np.full(width, math.nan)
    return np.array([side.get(reader, nothing) for reader in readers]).reshape(len(readers), width)


def check_primary(what, primary, units):
    first, second = sides_of(primary, units)
    readers, width = averaged_over(first, second), len(units.truth)
    tests = None, None
    if readers:
        tests = contrast(units.truth, units.cluster, rows_of(first, readers, width), rows_of(second, readers, width), primary["measure"])
    found = tests[0 if primary["readers"] == "fixed" else 1] or {"estimate": None, "limits": None, "df": None, "p": None}
    lower, upper = found["limits"] or (None, None)
    clipped = lambda value: None if value is None else max(-1.0, min(1.0, value))
    estimate(f"{what}primary contrast", primary["difference"], (found["estimate"], clipped(lower), clipped(upper)))
    check(f"{what}primary contrast df", primary["df"], found["df"])
    check(f"{what}primary contrast P", primary["p"], found["p"])


def check_subgroups(what, subgroups, units):
    width, patients = len(units.truth), units.cluster.max(initial=-1) + 1
    for about in subgroups:
        measure, conditions = about["measure"], [c for c in (about["first"], about["second"]) if c is not None]
        first, second = sides_of(about, units)
        readers = [r for r in averaged_over(first, second) if all((r, condition) in units.parties for condition in conditions)]
        group = units.group(about["factor"])
        name = f"{what}{about['factor']}, {about['first'] or 'network'} less {about['second']}, {measure}"
        levels = []
        for level in about["levels"]:
            kept = (group == level["level"]) & np.isin(units.truth, {"auc": [0, 1], "sensitivity": [1], "specificity": [0]}[measure])
            rows = [rows_of(side, readers, width)[:, kept] for side in (first, second)]
            found = in_subgroup(*rows, units.truth[kept], units.cluster[kept], patients, measure)
            for count in ("n", "positive", "patients"):
                check(f"{name}, {level['level']} {count}", level[count], found[count])
            estimate(f"{name}, {level['level']}", level["difference"], found["difference"])
            check(f"{name}, {level['level']} P", level["p"], found["p"])
            levels.append(found)
        statistic, df, p = interaction_of([level for level in levels if level["influence"] is not None])
        stored = about["interaction"] or {"statistic": None, "df": [None, None], "p": None}
        check(f"{name} interaction F", stored["statistic"], statistic)
        for was, now in zip(stored["df"], df):
            check(f"{name} interaction df", was, now)
        check(f"{name} interaction P", stored["p"], p)


def check_all(what, stored, units):
    check_rows(what, stored["rows"], units)
    if stored["primary"] is not None:
        check_primary(what, stored["primary"], units)
    check_subgroups(what, stored.get("subgroups", []), units)


plan = SETTINGS["plan"]
level, rule = plan["unit"]["level"], plan["unit"]["rule"]
as_planned = opinions_of_images(plan["ruleSet"])
check_all("", RESULTS, Units(level, rule, as_planned))
if RESULTS["primary"] is None:
    print("The protocol plans no primary contrast.")
for other in RESULTS["units"]:
    check_all(f"by {other['unit']}, ", other, Units(other["unit"], other["rule"], as_planned))
for other in RESULTS["readings"]:
    what = "calls as given, " if other["calls"] is None else f"calls by {other['calls']}, "
    check_all(what, other, Units(level, rule, opinions_of_images(other["calls"])))

print(f"{failed} numbers differ." if failed else "Every number is that of results.json.")
sys.exit(1 if failed else 0)

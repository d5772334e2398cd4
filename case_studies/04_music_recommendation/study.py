"""100,000 records of who listened to what: popularity, neighbours, two linear models, and what a number of them hides.

    python -m case_studies.04_music_recommendation.study --data ../shared/data/cases

Reads hetrec2011-lastfm-2k: 92,834 records of 1,892 users of Last.fm and the artists they played most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from case_studies import room
from matplotlib.figure import Figure
from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Matrix = Any
"""A scipy.sparse.csr_array, (users, artists)."""

SOURCE = "https://grouplens.org/datasets/hetrec-2011/ (hetrec2011-lastfm-2k, non-commercial use; Cantador et al., 2011)"

# RecBole-GNN's table for this data: a random 8:1:1 split per user, all artists ranked.
# https://github.com/RUCAIBox/RecBole-GNN/blob/main/results/social/lastfm.md
PUBLISHED = {
    "BPR": {"recall": 0.1761, "ndcg": 0.1674, "hit": 0.5573},
    "NeuMF": {"recall": 0.1696, "ndcg": 0.1604, "hit": 0.5456},
    "NGCF": {"recall": 0.1960, "ndcg": 0.1898, "hit": 0.6141},
    "LightGCN": {"recall": 0.2064, "ndcg": 0.1972, "hit": 0.6322},
    "DiffNet, with friends": {"recall": 0.1757, "ndcg": 0.1694, "hit": 0.5621},
    "MHCN, with friends": {"recall": 0.2123, "ndcg": 0.2068, "hit": 0.6523},
    "SEPT, with friends": {"recall": 0.2127, "ndcg": 0.2057, "hit": 0.6465},
}

TOP = 10
"""Artists that are recommended."""

SPLITS = 3
"""Random splits, each tuned on its own validation part."""


# --- 1. The data ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plays:
    """Records of who played whom, as three columns, and the artists' names."""

    user: Ints
    artist: Ints
    count: Floats
    names: list[str]

    @property
    def shape(self) -> tuple[int, int]:
        """Users and artists."""
        return int(self.user.max()) + 1, len(self.names)

    def matrix(self, kept: Any = slice(None), counts: bool = False) -> Matrix:
        """Ones, or counts, where a user played an artist; (users, artists)."""
        value = self.count[kept] if counts else np.ones(len(self.user[kept]))
        return sparse.csr_array((value, (self.user[kept], self.artist[kept])), shape=self.shape)


def load(data: Path, every: int) -> Plays:
    """The records of every so manieth user; users and artists numbered anew."""
    lines = room.find(data, "lastfm/user_artists.dat", SOURCE).read_text("utf-8").splitlines()[1:]
    rows = np.array([line.split("\t") for line in lines], dtype=np.int64)
    rows = rows[rows[:, 0] % every == 0]
    ids, artist = np.unique(rows[:, 1], return_inverse=True)
    named = room.find(data, "lastfm/artists.dat", SOURCE).read_text("utf-8").splitlines()[1:]
    names = {int(line.split("\t")[0]): line.split("\t")[1] for line in named}
    return Plays(
        np.unique(rows[:, 0], return_inverse=True)[1], artist, rows[:, 2].astype(float), [names[i] for i in ids]
    )


def split(plays: Plays, seed: int) -> tuple[Ints, Ints, Ints]:
    """Train, validation and test records: of each user a tenth, and at least one, for the two latter each."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(plays.user))
    order = order[np.argsort(plays.user[order], kind="stable")]
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    for rows in np.split(order, np.flatnonzero(np.diff(plays.user[order])) + 1):
        tenth = max(len(rows) // 10, 1) if len(rows) > 2 else 0
        for part, some in zip(parts, np.split(rows, [len(rows) - 2 * tenth, len(rows) - tenth]), strict=True):
            part.extend(some)
    train, validation, test = (np.array(part) for part in parts)
    return train, validation, test


# --- 2. Models: from what users played to a score for every artist ----------------------------------------------------

Score = Callable[[Matrix], Floats]
"""From (users, artists) of what is known to (users, artists) of scores."""


def popularity(x: Matrix) -> Score:
    """Everybody gets what most people play."""
    listeners = x.sum(axis=0)
    return lambda known: np.tile(listeners, (known.shape[0], 1))


def neighbours(x: Matrix, shrink: float) -> Score:
    """Item-kNN: artists similar to those played, by the cosine of their listeners, small overlaps shrunk."""
    similar = (x.T @ x).tocoo()
    length = np.sqrt(np.maximum(x.sum(axis=0), 1))
    similar.data /= length[similar.row] * length[similar.col] + shrink
    similar.data[similar.row == similar.col] = 0
    similar = similar.tocsr()
    return lambda known: (known @ similar).toarray()


def ease(x: Matrix, ridge: float, dropout: float) -> Score:
    """EASE (Steck 2019): each artist from the others by ridge regression; with dropout (Steck 2020), artists as noise.

    Artists with one or two listeners are left out, which makes the matrix small: little can be told of them.
    """
    kept = np.flatnonzero(x.sum(axis=0) > 2)
    gram = (x[:, kept].T @ x[:, kept]).toarray()
    gram[np.diag_indices_from(gram)] += ridge + dropout / (1 - dropout) * gram.diagonal()
    inverse = np.linalg.inv(gram)
    weights = -inverse / inverse.diagonal()
    np.fill_diagonal(weights, 0)

    def score(known: Matrix) -> Floats:
        scores = np.zeros(known.shape)
        scores[:, kept] = known[:, kept] @ weights
        return scores

    return score


@dataclass(frozen=True)
class Factors:
    """iALS (Hu et al. 2008; Rendle et al. 2021): vectors whose products tell plays from the rest."""

    artists: Floats
    """(artists, dimensions)."""

    unplayed: float
    """What an artist that was not played weighs, against 1 for one that was."""

    ridge: float

    def __call__(self, known: Matrix) -> Floats:
        """Scores; the users are solved for, so that they may be new."""
        return half_step(known, self.artists, self.unplayed, self.ridge) @ self.artists.T


def half_step(x: Matrix, fixed: Floats, unplayed: float, ridge: float) -> Floats:
    """The rows' vectors that fit best while the columns' are `fixed`: one ridge regression each."""
    everything = unplayed * fixed.T @ fixed
    solved = np.zeros((x.shape[0], fixed.shape[1]))
    for row in range(x.shape[0]):
        weight, played = row_of(x, row)
        vectors = fixed[played]
        scale = ridge * np.sqrt(len(played) + unplayed * x.shape[1])
        normal = everything + (vectors.T * weight) @ vectors
        normal[np.diag_indices_from(normal)] += scale
        solved[row] = np.linalg.solve(normal, vectors.T @ (weight + (weight > 0) * unplayed)) if len(played) else 0
    return solved


def row_of(x: Matrix, row: Any) -> tuple[Floats, Ints]:
    """The values of one row, and where they stand."""
    cut = slice(x.indptr[row], x.indptr[row + 1])
    return x.data[cut], x.indices[cut]


def ials(x: Matrix, unplayed: float, ridge: float, dimensions: int = 96, sweeps: int = 8) -> Factors:
    """Alternate between users and artists."""
    rng = np.random.default_rng(0)
    artists = rng.normal(0, 0.1 / np.sqrt(dimensions), (x.shape[1], dimensions))
    transposed = x.T.tocsr()
    for _ in range(sweeps):
        users = half_step(x, artists, unplayed, ridge)
        artists = half_step(transposed, users, unplayed, ridge)
    return Factors(artists, unplayed, ridge)


GRIDS: dict[str, list[Callable[[Matrix], Score]]] = {
    "popularity": [popularity],
    "item-kNN": [partial(neighbours, shrink=s) for s in (0.0, 3.0, 10.0)],
    "EASE": [partial(ease, ridge=r, dropout=d) for r, d in ((100.0, 0.0), (50.0, 0.33), (50.0, 0.5))],
    "iALS": [partial(ials, unplayed=a, ridge=r) for a, r in ((0.1, 0.2), (0.05, 0.2))],
}
"""Settings that each split's validation part chooses from."""


# --- 3. Measures ------------------------------------------------------------------------------------------------------


def recommended(score: Score, known: Matrix, seen: Matrix, top: int = TOP) -> Ints:
    """The artists with the highest scores that a user has not played, best first; (users, top)."""
    scores = score(known)
    scores[seen.nonzero()] = -np.inf
    best = np.argpartition(-scores, top, axis=1)[:, :top]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def measured(lists: Ints, wanted: Matrix) -> dict[str, float]:
    """Recall, NDCG and hit rate of the lists, over the users who have something in `wanted`; the catalogue they use."""
    users = np.flatnonzero(wanted.sum(axis=1))
    hits = np.array([np.isin(lists[u], row_of(wanted, u)[1]) for u in users])
    size = np.array([wanted.indptr[u + 1] - wanted.indptr[u] for u in users])
    discount = 1 / np.log2(np.arange(2, lists.shape[1] + 2))
    ideal = np.cumsum(discount)[np.minimum(size, lists.shape[1]) - 1]
    return {
        "recall": float((hits.sum(axis=1) / size).mean()),
        "ndcg": float(((hits * discount).sum(axis=1) / ideal).mean()),
        "hit": float(hits.any(axis=1).mean()),
        "coverage": len(np.unique(lists)) / wanted.shape[1],
    }


def alike(lists: Ints, x: Matrix) -> float:
    """How alike the artists of one list are: the mean cosine of their listeners, over all pairs of a list."""
    listeners, top = x.sum(axis=0), lists.shape[1]
    unit = x.T.tocsr() / np.sqrt(np.maximum(listeners, 1))[:, None]
    shown = sparse.csr_array((np.ones(lists.size), lists.ravel(), np.arange(0, lists.size + 1, top)), shape=x.shape)
    together = (shown @ unit).power(2).sum() - (listeners[lists] > 0).sum()  # a sum's square, less each one's own
    return float(together / (len(lists) * top * (top - 1)))


# --- 4. The comparison ------------------------------------------------------------------------------------------------


def compared(plays: Plays, seeds: int) -> tuple[dict[str, dict[str, float]], dict[str, Score], dict[str, Any]]:
    """Every model on every split, tuned on validation and measured on test; the first split's models and settings."""
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in GRIDS}
    first: dict[str, Score] = {}
    chosen: dict[str, Any] = {}
    for seed in range(seeds):
        train, validation, test = split(plays, seed)
        x, valid, wanted = plays.matrix(train), plays.matrix(validation), plays.matrix(test)
        for name, settings in GRIDS.items():
            models = [fit(x) for fit in settings]
            tuned = (
                [measured(recommended(model, x, x), valid)["ndcg"] for model in models] if len(models) > 1 else [0.0]
            )
            best = int(np.argmax(tuned))
            model = models[best]
            lists = recommended(model, x, x + valid)
            rows[name].append(measured(lists, wanted) | {"alike": alike(lists, x)})
            if seed == 0:
                first[name], chosen[name] = model, settings[best]
    means = {name: {key: float(np.mean([r[key] for r in found])) for key in found[0]} for name, found in rows.items()}
    for name, found in rows.items():
        means[name]["recall_sd"] = float(np.std([r["recall"] for r in found], ddof=1)) if seeds > 1 else 0.0
    return means, first, chosen


# --- 5. What the one number hides -------------------------------------------------------------------------------------


def leaks(plays: Plays, fit: Callable[[Matrix], Score]) -> dict[str, float]:
    """Recall with similarities from before the split, and with the wanted artists ranked among 100 others only."""
    train, validation, test = split(plays, 0)
    x, seen, wanted = plays.matrix(train), plays.matrix(np.append(train, validation)), plays.matrix(test)
    honest, leaked = fit(x), fit(plays.matrix())
    rng = np.random.default_rng(0)
    scores = honest(x)
    found = []
    for user in np.flatnonzero(wanted.sum(axis=1)):
        mine = row_of(wanted, user)[1]
        others = rng.choice(wanted.shape[1], 100, replace=False)
        ranks = [(scores[user, others] >= scores[user, artist]).sum() for artist in mine]
        found.append(np.mean(np.array(ranks) < TOP))
    return {
        "honest": measured(recommended(honest, x, seen), wanted)["recall"],
        "leaked": measured(recommended(leaked, x, seen), wanted)["recall"],
        "sampled": float(np.mean(found)),
    }


def by_activity(plays: Plays, model: Score) -> list[dict[str, float]]:
    """Recall for the third of users who play least, the middle, and the most."""
    train, validation, test = split(plays, 0)
    x, seen, wanted = plays.matrix(train), plays.matrix(np.append(train, validation)), plays.matrix(test)
    lists = recommended(model, x, seen)
    total = plays.matrix(train, counts=True).sum(axis=1)
    parts = np.array_split(np.argsort(total, kind="stable"), 3)
    return [{"plays": np.median(total[part]), **measured(lists[part], wanted[part])} for part in parts]


def unseen(plays: Plays) -> float:
    """The share of test records whose artist nobody plays in training: out of reach for all of these models."""
    train, _, test = split(plays, 0)
    return float(np.mean(~np.isin(plays.artist[test], plays.artist[train])))


def newcomers(plays: Plays, known: tuple[int, ...] = (1, 2, 5, 10, 20)) -> list[dict[str, float]]:
    """Recall for users whom no model was fitted on, by how many artists they have told, against popularity."""
    new = plays.user % 10 == 0
    old = plays.matrix(~new)
    models: dict[str, Score] = {"popularity": popularity(old), "iALS": ials(old, unplayed=0.1, ridge=0.2)}
    order = np.random.default_rng(0).permutation(np.flatnonzero(new))
    order = order[np.argsort(plays.user[order], kind="stable")]
    users = [
        rows for rows in np.split(order, np.flatnonzero(np.diff(plays.user[order])) + 1) if len(rows) > max(known) + 9
    ]
    wanted = plays.matrix(np.concatenate([rows[max(known) :] for rows in users]))
    found = []
    for count in known:
        told = plays.matrix(np.concatenate([rows[:count] for rows in users]))
        recall = {name: measured(recommended(model, told, told), wanted)["recall"] for name, model in models.items()}
        found.append({"told": float(count), **recall})
    return found


def less_popular(plays: Plays, model: Score) -> list[dict[str, float]]:
    """What recall costs when scores are lowered for artists that many play: recall and coverage by the strength."""
    train, validation, test = split(plays, 0)
    x, seen, wanted = plays.matrix(train), plays.matrix(np.append(train, validation)), plays.matrix(test)
    scores = model(x)
    listeners = np.log1p(x.sum(axis=0))
    rows = []
    for strength in (0.0, 0.01, 0.02, 0.04, 0.08):
        lists = recommended(lambda _, s=strength: scores - s * listeners, x, seen)  # type: ignore[misc]
        rows.append({"strength": strength, **measured(lists, wanted), "alike": alike(lists, x)})
    return rows


def by_counts(plays: Plays, fit: Callable[[Matrix], Score]) -> dict[str, float]:
    """Recall when a play counts 1, and when it weighs 1 + log10 of how often an artist was played."""
    train, validation, test = split(plays, 0)
    x, seen, wanted = plays.matrix(train), plays.matrix(np.append(train, validation)), plays.matrix(test)
    weighted = plays.matrix(train, counts=True)
    weighted.data = 1 + np.log10(weighted.data)
    weighted.data /= weighted.data.mean()
    fits = {"ones": x, "logarithms": weighted}
    return {name: measured(recommended(fit(m), m, seen), wanted)["recall"] for name, m in fits.items()}


def examples(plays: Plays, models: dict[str, Score]) -> Iterator[dict[str, Any]]:
    """For three listeners, of few, some and many plays: what they play most, and what two models recommend."""
    train, validation, _ = split(plays, 0)
    x, seen = plays.matrix(train), plays.matrix(np.append(train, validation))
    counts = plays.matrix(train, counts=True)
    by_plays = np.argsort(counts.sum(axis=1), kind="stable")
    lists = {name: recommended(models[name], x, seen) for name in ("popularity", "iALS")}
    for place in (0.25, 0.5, 0.75):
        user = by_plays[int(place * len(by_plays))]
        weight, artists = row_of(counts, user)
        favourites = artists[np.argsort(-weight, kind="stable")[:4]]
        yield {
            "plays": [plays.names[a] for a in favourites],
            **{name: [plays.names[a] for a in found[user][:4]] for name, found in lists.items()},
        }


# --- 6. All of it -----------------------------------------------------------------------------------------------------


def measure(data: Path, smoke: bool) -> room.Results:
    """All figures of the write-up."""
    plays = load(data, every=30 if smoke else 1)
    rows, models, chosen = compared(plays, seeds=1 if smoke else SPLITS)
    return {
        "records": len(plays.user),
        "users": plays.shape[0],
        "artists": plays.shape[1],
        "once": float(np.mean(np.bincount(plays.artist) == 1)),
        "per_user": len(plays.user) / plays.shape[0],
        "settings": {"top": TOP, "splits": SPLITS, "dimensions": 96, "sampled": 100, "strongest": 0.08},
        "published": PUBLISHED,
        "models": rows,
        "leaks": leaks(plays, chosen["item-kNN"]),
        "unseen": unseen(plays),
        "activity": by_activity(plays, models["iALS"]),
        "newcomers": newcomers(plays),
        "less_popular": less_popular(plays, models["iALS"]),
        "counts": by_counts(plays, chosen["iALS"]),
        "examples": list(examples(plays, models)),
    }


def draw(results: room.Results) -> dict[str, Figure]:
    """Recall against coverage; recall for newcomers."""
    figure = Figure(figsize=(7, 3))
    left, right = figure.subplots(1, 2)
    line = results["less_popular"]
    left.plot(
        [r["coverage"] for r in line], [r["recall"] for r in line], marker=".", color="grey", label="iALS, less popular"
    )
    for name, row in results["models"].items():
        left.plot(row["coverage"], row["recall"], "o", label=name)
    left.set(xlabel=f"share of all artists in somebody's top {TOP}", ylabel=f"recall at {TOP}", ylim=(0, None))
    left.legend(fontsize=7)
    rows = results["newcomers"]
    for name in ("iALS", "popularity"):
        right.plot([f"{r['told']:.0f}" for r in rows], [r[name] for r in rows], marker="o", label=name)
    right.set(xlabel="artists that a newcomer has told", ylabel=f"recall at {TOP}", ylim=(0, None))
    right.legend()
    return {"coverage.svg": figure}


STUDY = room.Study(folder=Path(__file__).parent, measure=measure, draw=draw)

if __name__ == "__main__":
    room.main(STUDY)

"""Forms drawn at random that satisfy the declared checks, with the habits of real offices.

Sources of funds, executed amounts, weights, targets and actuals are drawn; totals, rates, scores
and all else that a check declares are worked out from the declaration
(:class:`eval.offices.Books`), and the form is judged as its column set prints it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from eval import vocabulary
from eval.columns import COLUMN_SETS, ColumnSet
from eval.offices import Books, Office, accepts, draw_office
from eval.wordings import Clerk, Money
from extractor.checks.bind import EachRow, Shape, bind
from extractor.checks.judge import judge
from extractor.checks.kinds import Constant
from extractor.checks.policies import WeightScheme
from extractor.families import Family, family_of
from extractor.settle import values_of
from extractor.types import Finding, Reading

ZERO = Decimal(0)
_ATTEMPTS = 50
_SPENT = ((30, 10_000, 10_000), (45, 9_000, 9_999), (18, 6_000, 9_000), (4, 500, 6_000))
_RARELY_SPENT = ((2, 0, 0), (1, 10_001, 10_400))
"""How much of a budget is executed: how often, and between which ten-thousandths of it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A form with its truth.

    ``leaves`` holds every leaf of the record in its order, normalised; ``None`` where the column
    set prints nothing or its office left the cell empty. ``groups`` counts those whose weights
    the column set prints.
    """

    seed: int
    family: str
    columns: str
    office: Office
    leaves: dict[str, str | None]
    indicators: int
    groups: int


def draw(seed: int, columns: str | None = None) -> Drawn:
    """The form of a seed, in a column set or in one that the seed picks.

    The same arguments give the same form in every process, and so does the seed with the column
    set that it picks. Raises ``KeyError`` for an unknown column set, ``RuntimeError`` where no
    attempt satisfies the identities (a habit contradicts the declarations).
    """
    name = columns or random.Random(f"columns {seed}").choice(tuple(COLUMN_SETS))
    printed, rng = COLUMN_SETS[name], random.Random(f"{name} {seed}")
    for _ in range(_ATTEMPTS):
        office = draw_office(rng, printed)
        form = _Form(rng, printed, office)
        form.fill_in()
        count, groups = form.shape
        if not _prints_groups(printed):
            groups = ()
        leaves = projected(printed, form.books.leaves, count, len(groups))
        findings = judged(form.family, printed, leaves, (count, groups))
        if not any(finding.severity == "error" for finding in findings):
            return Drawn(seed, printed.family, name, office, leaves, count, len(groups))
    raise RuntimeError(f"no form of seed {seed} in {name} satisfies its checks")


def prints(columns: ColumnSet, path: str) -> bool:
    """Whether a column set has a place for a leaf: a label or a column, if not a value."""
    branch, _, role = path.rpartition(".")
    section, _, row = branch.partition(".")
    if section.startswith("indicators"):
        return any(role == name for name, _ in columns.indicators)
    if section.startswith("groups"):
        return _prints_groups(columns) and role != "note"
    if section:
        rows = [name for name, _ in columns.sources] + ["total"] * bool(columns.money_total)
        is_headed = columns.weight_header and role == "weight"
        return row in rows and (columns.prints(role) or is_headed)
    if path in ("total_weight", "grade"):
        return columns.has_total_weight if path == "total_weight" else bool(columns.grade_label)
    return path in columns.head or family_of(columns.family).kind(path) not in ("name", "count")


def _prints_groups(columns: ColumnSet) -> bool:
    return columns.weights_in_levels or any(
        role == "group_weight" for role, _ in columns.indicators
    )


def projected(
    columns: ColumnSet, leaves: Mapping[str, str | None], indicators: int, groups: int
) -> dict[str, str | None]:
    """Every leaf of a record in order, ``None`` for what the column set has no place for."""
    return {
        path: leaves.get(path) if prints(columns, path) else None
        for path, _ in family_of(columns.family).paths(indicators, groups)
    }


def judged(
    family: Family, columns: ColumnSet, leaves: Mapping[str, str | None], shape: Shape
) -> list[Finding]:
    """What the family's checks find in a form read as its column set prints it."""
    readings = {
        path: Reading(
            path,
            ("read" if value is not None else "blank") if prints(columns, path) else "absent",
            value,
        )
        for path, value in leaves.items()
    }
    values = values_of(family, readings)
    return judge(family.known(shape), values, family.labels).findings


class _Form:
    """A form on its way: an office fills it in, section by section.

    Its books know what its column set may not print (the weights of rows and groups), so that all
    column sets are worked out alike. ``shape`` is how many rows it has, and which of each level 1.
    """

    def __init__(self, rng: random.Random, columns: ColumnSet, office: Office) -> None:
        self.rng = rng
        self.columns = columns
        self.office = office
        self.family = family_of(columns.family)
        self.books = Books(office, self.family, ())
        self.shape: Shape = (0, ())
        self.subject = rng.choice(vocabulary.SUBJECTS)
        self.facts: list[tuple[vocabulary.Fact, vocabulary.Fact]] = []

    def fill_in(self) -> None:
        """Fills in everything; what nothing implies is drawn first."""
        groups = self._split()
        self._bind((0, ((),) * len(groups)))
        if self.family.name == "department":
            self._expenditure()
        else:
            self._funds()
        self._group_weights(groups)
        self._rows()
        self.books.fill(("total_score",))
        self._grade()
        self._head()

    def _bind(self, shape: Shape) -> None:
        """Takes the checks of the whole form at this shape; those of single rows stand apart."""
        self.shape = shape
        whole = tuple(check for check in self.family.checks if not isinstance(check, EachRow))
        self.books.checks = bind(whole, shape)

    def _chance(self, of: float) -> bool:
        return self.rng.random() < of

    def _share(self, low: int, high: int) -> Decimal:
        """A share of one, in ten-thousandths."""
        return Decimal(self.rng.randint(low, high)) / 10_000

    # Money

    def _booked(self, value: Decimal, *, is_round: bool = False) -> Decimal:
        """An amount as fine as the office keeps it, or a round one."""
        office = self.office
        places = 6 if office.hidden_yuan else office.amount_places
        if is_round and value >= 10:
            places = 0 if office.unit == "万元" else -3
        return value.quantize(Decimal(1).scaleb(-places))

    def _size(self) -> Decimal:
        """An amount of the form's order: 1.2 to 9,990 万元; no small ones where none can print."""
        least = 0 if self.office.amount_places == 0 and self.office.unit == "万元" else -2
        size = Decimal(self.rng.randint(120, 999)).scaleb(self.rng.randint(least, 1))
        return size * 10_000 if self.office.unit == "元" else size

    def _spent(self, of: Decimal, *, usual: bool = False) -> Decimal:
        bands = _SPENT[:3] if usual else (*_SPENT, *_RARELY_SPENT)
        _, low, high = self.rng.choices(bands, [often for often, *_ in bands])[0]
        return self._booked(of * self._share(low, high))

    def _funds(self) -> None:
        """The rows of funds, then their total; a set without sources has the total alone."""
        rows = [row for row, _ in self.columns.sources] or ["total"]
        first = self.rng.choice(rows) if self._chance(0.1) else rows[0]
        others = [row for row in rows if row != first]
        active = {first, *self.rng.sample(others, self.office.sources - 1)}
        roles = [r for r, _ in self.columns.money if self.family.leaves.get(f"funds.total.{r}")]
        amounts = [r for r in roles if self.family.kind(f"funds.total.{r}") == "amount"]
        size, wanted = self._size(), list[str]()
        for row in rows:
            source = self._source(size, row) if row in active else None
            wanted += self._money_row(f"funds.{row}", amounts, source)
        if self.columns.sources:
            wanted += [f"funds.total.{role}" for role in (*amounts, "execution_rate")]
        self.books.write("funds.total.weight", self._budget_weight())
        self.books.fill((*wanted, "funds.total.score"))

    def _source(self, size: Decimal, row: str) -> dict[str, Decimal]:
        initial = self._booked(size * self._share(1_500, 10_000), is_round=self._chance(0.6))
        annual = initial
        if self.office.adjusted and self.columns.prints("annual_budget"):
            annual = self._booked(initial * self._share(7_000, 13_000))
            if row == "carried_over" and self._chance(0.7):
                initial = ZERO
        return {"initial_budget": initial, "annual_budget": annual, "executed": self._spent(annual)}

    def _money_row(
        self, at: str, amounts: Sequence[str], source: Mapping[str, Decimal] | None
    ) -> list[str]:
        """Writes a row, one of nothing in the office's way; the leaves that it leaves to checks."""
        rate, habit = f"{at}.execution_rate", self.office.zero_rows
        for role in amounts:
            if source is None and habit == "blank":
                self.books.tell(f"{at}.{role}", None)
            else:
                self.books.write(f"{at}.{role}", source[role] if source else ZERO)
        if source is None and habit != "zeros":
            self.books.tell(rate, None)
            return []
        return [rate]

    def _expenditure(self) -> None:
        """The body's money by source and by structure; budgets first, then what was executed."""
        books, at = self.books, "expenditure."
        total, roles = self._size() * 10, ("annual_budget", "executed")
        has_other = self.office.sources > 1
        other = self._booked(total * self._share(200, 2_000)) if has_other else ZERO
        basic = self._booked(total * self._share(3_000, 7_500))
        fiscal = self._booked(total) - other
        for row, budget in (("fiscal_appropriation", fiscal), ("other", other), ("basic", basic)):
            books.write(f"{at}{row}.annual_budget", budget)
        books.fill((f"{at}project.annual_budget",))
        project = self._booked(books.exact(f"{at}project.annual_budget"))
        spent = self._spent(basic, usual=True), self._spent(project, usual=True)
        books.write(f"{at}basic.executed", spent[0])
        books.write(f"{at}project.executed", spent[1])
        left = min(other, basic + project - sum(spent))
        other_spent = other - self._booked(left * self._share(0, 10_000))
        wanted = [
            f"{at}{row}.execution_rate" for row in ("fiscal_appropriation", "basic", "project")
        ]
        source = dict(zip(roles, (other, other_spent), strict=True)) if has_other else None
        wanted += self._money_row(f"{at}other", roles, source)
        books.fill((*wanted, f"{at}fiscal_appropriation.executed"))

    def _budget_weight(self) -> Decimal:
        """One of the usual weights: the last where weights stand in headers, else the first."""
        found = [c for c in self.family.checks if isinstance(c, Constant)]
        allowed = next(c.allowed for c in found if c.field == "funds.total.weight")
        return sorted(allowed)[-1 if self.columns.weight_header and self._chance(0.8) else 0]

    # Weights

    def _split(self) -> dict[str, Decimal]:
        """Level 1 with its usual points, no more of them than rows."""
        schemes = next(c.schemes for c in self.family.checks if isinstance(c, WeightScheme))
        fitting = [s for s in schemes if ("成本指标" in dict(s)) is self.office.cost_level]
        split = dict(self.rng.choice(fitting or schemes))
        while len(split) > self.office.rows:
            del split[self.rng.choice(tuple(split))]
        return split

    def _group_weights(self, split: Mapping[str, Decimal]) -> None:
        """All weights of level 1 but the greatest, which the total implies."""
        greatest = max(split, key=lambda level: split[level])
        wanted = ["total_weight"]
        for index, (level, points) in enumerate(split.items()):
            self.books.tell(f"groups[{index}].level1", level)
            at = f"groups[{index}].weight"
            if level == greatest:
                wanted.append(at)
                continue
            moved = ZERO if self.office.by_scheme else Decimal(self.rng.choice((-5, 0, 5, 10)))
            self.books.write(at, max(points + moved, Decimal(5)))
        self.books.fill(wanted)

    def _counts(self, points: Sequence[Decimal]) -> list[int]:
        """How many rows stand under each level 1: at least one, never more than its points."""
        counts = [1] * len(points)
        most = [min(int(p), 4) if p <= 10 else int(p) for p in points]
        for _ in range(self.office.rows - len(points)):
            room = [i for i, count in enumerate(counts) if count < most[i]]
            weights = [int(points[i]) for i in room]
            if room:
                counts[self.rng.choices(room, weights)[0]] += 1
        return counts

    # Indicators

    def _rows(self) -> None:
        """The rows of every group; the weight of the last in each is left to the group's sum."""
        books, groups = self.books, len(self.shape[1])
        points = [books.printed(f"groups[{g}].weight") for g in range(groups)]
        counts, members, wanted = self._counts(points), list[tuple[int, ...]](), list[str]()
        for group, count in enumerate(counts):
            first = sum(counts[:group])
            members.append(tuple(range(first, first + count)))
            for index, part in enumerate(
                self.office.parts(self.rng, points[group], count)[:-1], first
            ):
                books.write(f"indicators[{index}].weight", part)
            wanted.append(f"indicators[{first + count - 1}].weight")
        self._bind((sum(counts), tuple(members)))
        books.fill(wanted)
        used, clerk = set[str](), self._clerk()
        for group, rows in enumerate(members):
            level1, level2 = books.leaves[f"groups[{group}].level1"], self._level2(group, len(rows))
            is_listed = books.leaves.get(f"groups[{group}].level2_listed") is not None
            for index, name in zip(rows, level2, strict=True):
                item = vocabulary.item(self.rng, name, self.subject, used)
                books.tell(f"indicators[{index}].level1", level1)
                self._row(f"indicators[{index}]", clerk, None if is_listed else name, item)
        if self._chance(0.04):
            one, two = self.rng.choice(members[0]), self.rng.choice(members[-1])
            books.tell(f"indicators[{two}].name", books.leaves[f"indicators[{one}].name"])

    def _level2(self, group: int, count: int) -> list[str]:
        """The level 2 of each row of a group, in order; told here where one cell lists them."""
        level1 = str(self.books.leaves[f"groups[{group}].level1"])
        names = vocabulary.level2_names(self.rng, level1, self.columns, self.office.cost_level)
        chosen = self.rng.randint(min(2, count, len(names)), min(count, len(names)))
        picked = sorted(self.rng.sample(range(len(names)), chosen))
        if level1 == "产出指标" and self._chance(0.8):
            picked[0] = 0
        extra = self.rng.choices(picked, k=count - chosen)
        if self.office.listed and chosen > 1:
            listed = " ".join(names[i] for i in picked)
            self.books.tell(f"groups[{group}].level2_listed", listed)
        return [names[i] for i in sorted((*picked, *extra))]

    def _row(self, at: str, clerk: Clerk, level2: str | None, item: vocabulary.Item) -> None:
        """One indicator, whose weight is booked already."""
        books = self.books
        written = clerk.row(item, f"{books.leaves[f'{at}.weight']}")
        books.tell(f"{at}.level2", level2)
        books.tell(f"{at}.name", item.name)
        books.tell(f"{at}.target", written.pair.target)
        books.tell(f"{at}.actual", written.pair.actual)
        books.write(f"{at}.score", Decimal(written.score))
        books.tell(f"{at}.deviation", written.deviation)
        if written.pair.facts:
            self.facts.append(written.pair.facts)

    def _clerk(self) -> Clerk:
        """Who fills in the rows, and knows the money that a cost indicator repeats."""
        at = "expenditure.project" if self.family.name == "department" else "funds.total"
        budget = next(
            path
            for path in (f"{at}.annual_budget", f"{at}.initial_budget")
            if self.books.leaves.get(path) is not None
        )
        money = Money(self.books.printed(budget), self.books.printed(f"{at}.executed"))
        told = [f"{amount.normalize():f}{self.office.unit}" for amount in money]
        self.facts.append(
            (vocabulary.Fact("资金支付", told[0]), vocabulary.Fact("资金支付", told[1]))
        )
        checks = tuple(check for check in self.family.checks if isinstance(check, EachRow))
        return Clerk(self.rng, self.office, bind(checks, (1, ())), money)

    # Head, goals, grade

    def _head(self) -> None:
        """Names, year and goals."""
        rng, books = self.rng, self.books
        above, unit = vocabulary.bodies(rng)
        project = vocabulary.project(rng, self.subject)
        if self.family.name == "department":
            books.tell("department_name", rng.choice((above, unit)))
            books.tell("subordinate_units", rng.choice((None, str(rng.randint(0, 14)))))
        else:
            books.tell("project_name", project)
            books.tell("supervising_department", above)
            books.tell("implementing_unit", unit)
        is_early = (
            "funds.total.annual_budget" not in books.leaves and not self.columns.weight_header
        )
        year = rng.randint(2018, 2025)
        if self.family.name == "project" and is_early:
            year = rng.randint(2014, 2017)
        books.tell("year", str(year))
        told = rng.sample(self.facts, min(len(self.facts), rng.choice((0, 1, 2, 3, 5))))
        prose = [p for p, x in self.family.leaves.items() if x.kind == "prose" and "[" not in p]
        books.tell(prose[0], vocabulary.goal(rng, year, project, [wanted for wanted, _ in told]))
        books.tell(prose[1], vocabulary.completion(rng, year, [reached for _, reached in told]))

    def _grade(self) -> None:
        """The word of the office that the checks accept for its total, or one step above it."""
        books, office = self.books, self.office
        if "grade" not in self.family.leaves or not office.graded:
            return
        checks = [check for check in books.checks if "grade" in check.fields()]
        identities = [check for check in checks if check.severity == "error"]
        usual = next(g for g in office.grades if accepts(checks, "grade", g, books.values))
        above = office.grades[max(office.grades.index(usual) - 1, 0)]
        is_kind = office.lenient and accepts(identities, "grade", above, books.values)
        books.tell("grade", above if is_kind else usual)

"""What calls cost: prices, the purse, the pace at which calls go out."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from extractor.books import About, Notebook, Question, Tokens
from extractor.prices import Price, Purse, money
from extractor.readers.model import Pace
from extractor.settings import SettingsError, settings

PRICE = Price(input=Decimal("2.40"), cached=Decimal("0.60"), output=Decimal("9.60"), currency="CNY")
QUESTION = Question("m", "p", "s", "t", "{}")


def test_a_price_is_exact_and_cached_tokens_are_part_of_the_input() -> None:
    assert PRICE.of(Tokens(1_000_000, 400_000, 100_000)) == Decimal("2.64")
    assert Price(input=Decimal(1), output=Decimal(2)).of(Tokens(1, 1, 1)) == Decimal("0.000003")


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("0", "0.00"),
        ("1234.5", "1,234.50"),
        ("0.1", "0.10"),
        ("0.0123456", "0.012346"),
        ("0.0500", "0.050000"),
        ("0.0000001", "0.000001"),
    ],
)
def test_money_is_told_as_people_read_it_and_never_as_nothing(amount: str, told: str) -> None:
    assert money(Decimal(amount)) == told


def test_a_purse_never_lets_more_out_than_it_holds() -> None:
    most = Tokens(100_000, 0, 10_000)  # 0.336 at most

    async def run() -> None:
        purse = Purse(PRICE, Decimal(1))
        assert [await purse.takes(most) for _ in range(2)] == [True, True]
        third = asyncio.create_task(purse.takes(most))
        await asyncio.sleep(0)
        assert not third.done(), "it waits for those under way"
        await purse.settle(most, Tokens(10_000, 0, 1_000))
        assert await third
        await purse.settle(most, None)  # unknown: what was reserved stays spent
        await purse.settle(most, most)
        assert not await purse.takes(most), "nothing under way could make room any more"

    asyncio.run(run())


def test_without_a_cap_or_a_price_a_purse_takes_all() -> None:
    async def run() -> None:
        for purse in (Purse(), Purse(PRICE), Purse(None, Decimal(0))):
            assert all([await purse.takes(Tokens(10**9, 0, 10**9)) for _ in range(3)])

    asyncio.run(run())


def test_books_tell_what_is_known_and_bound_what_is_not() -> None:
    books = Notebook()
    one, two = (books.sent(About(), QUESTION, Tokens(100, 0, 50)) for _ in range(2))
    books.landed(one, "ok", Tokens(30, 10, 5), (QUESTION, "{}"))
    assert (books.usage.calls, books.usage.unknown) == (2, 1)
    assert books.usage.tokens == Tokens(30, 10, 5)
    assert books.usage.most == Tokens(100, 0, 50)
    books.landed(two, "lost", None)
    assert books.usage.unknown == 1
    assert books.find(QUESTION) == "{}"
    assert books.find(QUESTION._replace(prompt="another")) is None


class Clock:
    """Time that passes only in sleep."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(asyncio, "sleep", self.sleep)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_tokens_of_a_minute_are_spread_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = Pace(at_once=1, per_minute=6_000, clock=clock)

    async def run() -> list[float]:
        times: list[float] = []
        for _ in range(30):
            async with pace.turn(400):
                times.append(clock.now)
        return times

    times = asyncio.run(run())
    assert times[:15] == [0.0] * 15, "a minute's worth goes out at once"
    assert times[15:] == [60.0] * 15
    for start in times:
        assert sum(400 for time in times if start <= time < start + 60) <= 6_000


def test_what_a_call_took_more_than_was_thought_is_waited_for_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    pace = Pace(at_once=1, per_minute=6_000, clock=clock)

    async def run() -> None:
        async with pace.turn(100):
            pace.correct(5_850)
        async with pace.turn(100):
            pass

    asyncio.run(run())
    assert clock.now == 60


def test_a_call_that_is_larger_than_any_minute_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = Pace(at_once=1, per_minute=1_000, clock=clock)

    async def run() -> None:
        for _ in range(2):
            async with pace.turn(5_000):
                pass

    asyncio.run(run())
    assert clock.now == 60


def test_a_wait_that_was_asked_for_holds_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = Pace(at_once=1, clock=clock)

    async def run() -> None:
        pace.hold(7)
        async with pace.turn(1):
            pass

    asyncio.run(run())
    assert clock.now == 7


class TestSettings:
    def test_prices_are_those_that_a_person_wrote_down(self, tmp_path: Path) -> None:
        text = '[prices."some-model"]\ninput = "2.40"\noutput = 9.6\ncurrency = "CNY"\n'
        set_ = settings({}, {}, self._file(tmp_path, text))
        assert set_.prices["some-model"].output == Decimal("9.6")

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('[prices."m"]\ninput = "x"\noutput = "1"\n', "prices.m.input"),
            ('[prices."m"]\noutput = "1"\n', "prices.m.input"),
            ('[prices."m"]\ninput = "1"\noutput = "1"\nper = 1\n', "prices.m.per"),
            ("in_flight = 0\n", "in_flight"),
            ('reader = "none"\n', "reader"),
        ],
    )
    def test_what_is_wrong_is_named_where_it_was_set(
        self, tmp_path: Path, text: str, said: str
    ) -> None:
        with pytest.raises(SettingsError) as caught:
            settings({}, {}, self._file(tmp_path, text))
        assert said in str(caught.value)
        assert "crossfoot.toml" in str(caught.value)

    def test_flags_go_before_the_environment_and_that_before_the_file(self, tmp_path: Path) -> None:
        file = self._file(tmp_path, 'model = "file"\n')
        env = {"CROSSFOOT_MODEL": "environment"}
        assert settings({}, {}, file).model == "file"
        assert settings({"model": None}, env, file).model == "environment"
        assert settings({"model": "flag"}, env, file).model == "flag"

    @pytest.mark.parametrize(
        ("flags", "way"),
        [({}, "table"), ({"model": "m"}, "both"), ({"model": "m", "reader": "table"}, "table"),
         ({"model": "m", "reader": "model"}, "model")],
    )  # fmt: skip
    def test_double_entry_is_the_default_once_a_model_is_set(
        self, flags: dict[str, str], way: str
    ) -> None:
        assert settings(flags, {}, Path("nowhere.toml")).way == way

    def test_a_key_is_never_shown(self) -> None:
        set_ = settings({}, {"OPENAI_API_KEY": "sk-secret"}, Path("nowhere.toml"))
        assert "sk-secret" not in f"{set_!r} {set_} {set_.model_dump_json()}"

    def _file(self, tmp_path: Path, text: str) -> Path:
        file = tmp_path / "crossfoot.toml"
        file.write_text(text, encoding="utf-8")
        return file

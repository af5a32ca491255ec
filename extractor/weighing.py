"""Which calibrations hold in a run, from a file or out of the archive, and what they promise in
words.

A calibration that was made for another reading is refused: one from a file before anything is read,
one of the archive with a remark, and the rule of the strata holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.acting import catch_up, stored
from extractor.calibration import Calibration, CalibrationError, load, rated_form
from extractor.confidence import STRATA
from extractor.console import complain
from extractor.pipeline import CHECK_SET
from extractor.readers import VERSION
from extractor.signals import Class

if TYPE_CHECKING:
    from extractor.bulk import Way
    from extractor.store import Store

CLASS_WORDS: Mapping[Class, Mapping[str, str]] = {
    "money": {"zh": "金额", "en": "money"},
    "points": {"zh": "分值、得分与比率", "en": "points and rates"},
    "categories": {"zh": "类别", "en": "categories"},
    "names": {"zh": "名称", "en": "names"},
    "quantities": {"zh": "目标值与完成值", "en": "targets and actuals"},
    "prose": {"zh": "文字", "en": "prose"},
    "blanks": {"zh": "空白栏", "en": "blanks"},
}
"""How the classes of promises are called."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "refused": {
        "en": "{file}: was made for {theirs}, not for {ours}; make it anew with "
        "`crossfoot eval calibrate`",
        "zh": "{file}：是为{theirs}校准的，与{ours}不符；请用 crossfoot eval calibrate 重新校准",
    },
    "checks": {"en": "the checks {what}", "zh": "核对规则 {what}"},
    "version": {"en": "version {what} of the reader", "zh": "读取程序第 {what} 版"},
    "reader": {"en": "the reader {what}", "zh": "读取方式 {what}"},
    "outdated": {
        "en": "The archive's calibration for {family} forms was made for another reading: they are "
        "reviewed by rule. `crossfoot eval calibrate --db` makes it anew.",
        "zh": "档案中 {family} 表的校准是为另一种读取方式作出的，现按规则复核；"
        "crossfoot eval calibrate --db 可重新校准。",
    },
    "holds": {
        "en": "{name:<20} at most {limit} % wrong, shown: at most {bound} % with 95 % confidence "
        "({n} labels, {errors} wrong); accepted: {strata}",
        "zh": "{name}：错误率不超过 {limit}%，已证：95% 置信下不超过 {bound}%"
        "（{n} 个标注，{errors} 个错误）；免核：{strata}",
    },
    "not_yet": {
        "en": "{name:<20} {limit} %: not yet certifiable, reviewing by rule; {missing} more labels "
        "needed ({n} so far, {errors} wrong)",
        "zh": "{name}：{limit}%：尚不能证明，按规则复核；还需 {missing} 个标注"
        "（已有 {n} 个，{errors} 个错误）",
    },
    "refuted": {
        "en": "{name:<20} {limit} %: shown to be worse, a person looks at: {strata} "
        "({n} labels, {errors} wrong)",
        "zh": "{name}：{limit}%：已证明超出，须人核：{strata}（{n} 个标注，{errors} 个错误）",
    },
}


def of_file(file: Path, way: Way, lang: str) -> tuple[Calibration, ...]:
    """The calibrations of a file; raises :class:`CalibrationError` where one of them is not for
    this run."""
    found = load(file)
    for one in found:
        reader, model = _reader(one.reader)
        for_now(one, file, lang)
        _agree("reader", file, _shown(reader, model), _shown(way.reader, way.model), lang)
    return found


def for_now(one: Calibration, file: Path, lang: str) -> None:
    """Raises :class:`CalibrationError` for one of other checks, or of another reading code."""
    _agree("checks", file, one.check_set, CHECK_SET, lang)
    _agree("version", file, one.reader_version, VERSION, lang)


def _agree(kind: str, file: Path, theirs: str, ours: str, lang: str) -> None:
    if theirs != ours:
        words = _WORDS[kind][lang]
        told = {"theirs": words.format(what=theirs), "ours": words.format(what=ours)}
        raise CalibrationError(_WORDS["refused"][lang].format(file=file, **told))


def of_archive(store: Store, lang: str) -> list[Calibration]:
    """The calibrations of an archive that speak of forms as this program reads them now."""
    found: list[Calibration] = []
    outdated: dict[str, None] = {}
    for one, _ in stored(store):
        if (one.check_set, one.reader_version) == (CHECK_SET, VERSION):
            found.append(one)
        else:
            outdated[one.family] = None
    for family in outdated:
        if all(one.family != family for one in found):
            complain(_WORDS["outdated"][lang].format(family=family))
    return found


def weigh(store: Store, told: Callable[[], None] = lambda: None) -> int:
    """Weighs what was not weighed yet by the calibrations that hold: after they changed, after a
    run that was killed while doing so, after an ingestion that had begun before.

    Returns how many forms came out otherwise; ``told`` hears of each document.
    """
    number = store.newest_calibration()
    holds = [one for one, _ in stored(store)]
    changed = store.weigh_anew(
        lambda document, form: rated_form(document, form, holds), number, told
    )
    catch_up(store)
    return changed


def promise_lines(one: Calibration, lang: str) -> Iterator[str]:
    """What a calibration promises, a line a class."""
    for class_, promise in one.promises.items():
        about = {
            "name": CLASS_WORDS[class_][lang],
            "limit": f"{100 * promise.limit:g}",
            "n": f"{promise.n:,}",
            "errors": f"{promise.errors:g}",
        }
        if promise.accepted:
            bound = f"{100 * (promise.bound or 0):.3f}"
            strata = _strata(promise.accepted, lang)
            yield _WORDS["holds"][lang].format(**about, bound=bound, strata=strata)
        elif not promise.refused:
            missing = f"{promise.missing or 0:,}"
            yield _WORDS["not_yet"][lang].format(**about, missing=missing)
        if promise.refused:
            strata = _strata(promise.refused, lang)
            yield _WORDS["refuted"][lang].format(**about, strata=strata)


def _strata(names: tuple[str, ...], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(name for name in STRATA if name in names)


def _reader(name: str) -> tuple[str, str | None]:
    """``both:gpt-x:1f0c`` → reader and model; a model's name may hold colons itself."""
    reader, colon, rest = name.partition(":")
    return reader, rest.rpartition(":")[0] if colon else None


def _shown(reader: str, model: str | None) -> str:
    return reader if model is None else f"{reader} ({model})"

"""The report of a run as one HTML page that stands alone.

No request leaves it, and its policy (CSP) names the hashes of its one stylesheet and its one
script, so that nothing a document holds could run. It speaks both languages and has both themes;
switching either needs no script.
"""

from __future__ import annotations

from collections.abc import Mapping

from eval.report.cards import cards
from eval.report.detection import detection_section
from eval.report.fields import classes_of_fields, heat
from eval.report.headline import headline, lede
from eval.report.robustness import robustness
from eval.report.shell import shell
from eval.report.wording import of_generated
from eval.results import Run
from extractor.page.markup import both, tag

_BRAND = {"zh": "尺子：读得多准", "en": "the ruler: how well it reads"}
_FOOT = {
    "zh": "份额一律向不利的一边取舍：100 是全部，0 是一个也没有。本页自成一体，不联网。",
    "en": "Shares are rounded to the worse side: 100 means all of them, 0 means none. The page is "
    "complete in itself and asks the network for nothing.",
}


def page(run: Run, lang: str = "zh", texts: Mapping[str, str] | None = None) -> str:
    """The page as one string of HTML; ``lang`` (``zh`` or ``en``) is the language it opens in.

    ``texts`` holds the text of each item's page by the item's name; where it is given, the cards
    show the lines beside the source line.
    """

    def heading(zh: str, en: str) -> str:
        """Over figures: says where they come from."""
        return tag("h2", both(zh, en) + _origin(run))

    sections = [
        headline(run, heading),
        robustness(run, heading),
        classes_of_fields(run, heading) if run.forms else "",
        heat(run, heading),
        detection_section(run, heading),
        cards(run, texts or {}, heading),
    ]
    generated = " · generated forms" if run.generated else ""
    title = f"Crossfoot · {run.name}{generated}"
    return shell(title, _BRAND, lede(run) + "".join(sections), _FOOT, lang, script="report.js")


def _origin(run: Run) -> str:
    said = of_generated(run)
    return " " + tag("small", both(said["zh"], said["en"]), class_="origin") if said["en"] else ""

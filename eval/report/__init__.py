"""The report of a run: Markdown for terminals and repositories, one HTML page for people."""

from eval.report.html import page
from eval.report.markdown import markdown

__all__ = ["markdown", "page"]

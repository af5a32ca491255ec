"""One form as it stands, with everything that was done to it."""

from __future__ import annotations

import streamlit as st

from extractor.types import CheckedForm
from ui import shell
from ui.form_view import form_view


def page() -> None:
    with shell.archive() as store:
        sha256 = shell.document(store)
        found = store.forms_as_left(sha256) if sha256 else None
        if sha256 is None or found is None:
            st.info(shell.say("no_document" if sha256 else "nothing_to_review"))
            return
        document, forms = found
        operations = store.operations(sha256)
        head = store.head(sha256)
    st.text(shell.shown(document.path))
    if not forms:
        st.info(shell.say("no_forms"))
        return
    form = _chosen(forms)
    if st.button(shell.say("to_bench")):
        shell.open_bench(sha256, form.form.span.start)
    lang = shell.lang()
    view = form_view(form, operations, lang)
    if view.findings:
        shell.table(shell.heads("kind", "finding"), view.findings, shell.say("findings"))
    shell.table(
        shell.heads("field", "value", "as_printed", "believed", "state"),
        view.fields,
        shell.say("record"),
    )
    if view.history:
        shell.table(
            shell.heads("when", "who", "field", "act", "id"), view.history, shell.say("history")
        )
    if head:
        st.text(shell.say("head", head=head))


def _chosen(forms: list[CheckedForm]) -> CheckedForm:
    by_start = {form.form.span.start: form for form in forms}
    asked = st.query_params.get("form", "")
    starts = list(by_start)
    start = next((one for one in starts if str(one) == asked), starts[0])
    names = {one: f"{n}. {_name(by_start[one])}" for n, one in enumerate(starts, start=1)}
    chosen = st.selectbox(
        shell.say("form"), starts, starts.index(start), format_func=names.__getitem__
    )
    return by_start[chosen]


def _name(form: CheckedForm) -> str:
    record = form.record
    name = record.get("project_name") or record.get("department_name") or form.form.title
    return shell.shown(str(name or form.form.family))

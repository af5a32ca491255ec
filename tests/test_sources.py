"""Files → documents: encodings, kinds of file, order, and what cannot be read."""

from __future__ import annotations

import hashlib
import os
import random
import threading
from pathlib import Path

import pytest

from extractor.errors import SourceError
from extractor.sources import LARGEST, Problem, load, walk

SAMPLE = Path(__file__).parent.parent / "eval" / "gold" / "documents"
PAGES = {path.name: path.read_bytes().decode("utf-8") for path in sorted(SAMPLE.iterdir())}
FORM = "财政项目支出绩效自评表\n\n(2023 年度)\n\n项目名称\t图书综合经费\t\t\n"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def code_of(path: Path) -> str:
    with pytest.raises(SourceError) as raised:
        load(path)
    assert str(path) in str(raised.value)
    return raised.value.code


class TestEncodings:
    @pytest.mark.parametrize(
        ("codec", "named"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8"),
            ("utf-16", "utf-16"),
            ("utf-16-le", "utf-16-le"),
            ("utf-16-be", "utf-16-be"),
            ("utf-32", "utf-32"),
            ("gb18030", "gb18030"),
            ("gbk", "gb18030"),
        ],
    )
    @pytest.mark.parametrize("page", ["jiangqiao-2024.tsv", "pujin-2023-department.tsv"])
    def test_each_gives_the_same_text_without_a_mark(
        self, tmp_path: Path, codec: str, named: str, page: str
    ) -> None:
        text = PAGES[page].replace("㎡", "")
        document = load(write(tmp_path, "a.tsv", text.encode(codec, "ignore")))
        assert document.text == text.encode(codec, "ignore").decode(codec)
        assert document.encoding == named
        assert not document.text.startswith("\ufeff")

    def test_a_big_endian_mark_is_told_from_a_little_endian_one(self, tmp_path: Path) -> None:
        data = b"\xfe\xff" + FORM.encode("utf-16-be")
        assert load(write(tmp_path, "a.txt", data)).text == FORM

    @pytest.mark.parametrize("size", [40, 60, 100, 300, 1000, 5000, 20000])
    def test_pieces_of_gbk_pages_of_every_size_are_told(self, tmp_path: Path, size: int) -> None:
        """Short pieces are where libraries guess Korean or Big5."""
        chance = random.Random(size)
        for number in range(40):
            page = PAGES[chance.choice(sorted(PAGES))]
            start = chance.randrange(max(1, len(page) - size))
            text = page[start:].encode("gb18030")[:size].decode("gb18030", "ignore")
            if not text.isascii():
                path = write(tmp_path, f"{number}.txt", text.encode("gb18030"))
                assert load(path).text == text

    def test_newlines_stay_as_they_are(self, tmp_path: Path) -> None:
        text = "项目名称\t甲\r\n主管部门\t乙\r实施单位\t丙\n"
        assert load(write(tmp_path, "a.tsv", text)).text == text

    def test_the_hash_is_that_of_the_bytes(self, tmp_path: Path) -> None:
        data = FORM.encode("gb18030")
        document = load(write(tmp_path, "a.txt", data))
        assert document.sha256 == hashlib.sha256(data).hexdigest()

    def test_a_damaged_utf8_page_is_refused_not_read_as_other_letters(self, tmp_path: Path) -> None:
        data = bytearray(PAGES["jiangqiao-2024.tsv"].encode())
        data[5000] = 0xFF
        assert code_of(write(tmp_path, "a.tsv", bytes(data))) == "encoding"

    def test_big5_and_japanese_are_refused(self, tmp_path: Path) -> None:
        text = "財政項目支出績效自評表，項目名稱：圖書綜合經費，執行率與得分如下。"
        assert code_of(write(tmp_path, "a.txt", text.encode("big5"))) == "encoding"
        text = "これは日本語のテキストです。年度の資金について説明します。"
        assert code_of(write(tmp_path, "b.txt", text.encode("shift_jis"))) == "encoding"

    def test_random_bytes_are_refused(self, tmp_path: Path) -> None:
        chance = random.Random(7)
        for number in range(50):
            data = bytes(chance.randrange(256) for _ in range(chance.choice([90, 900])))
            path = write(tmp_path, f"{number}.txt", data)
            assert code_of(path) in ("encoding", "binary")


class TestUnreadable:
    @pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b" \r\n\t\n"])
    @pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.html"])
    def test_nothing_is_empty(self, tmp_path: Path, name: str, content: bytes) -> None:
        assert code_of(write(tmp_path, name, content)) == "empty"

    @pytest.mark.parametrize(
        "content",
        [
            b"%PDF-1.7\n1 0 obj",
            b"PK\x03\x04 word/document.xml",
            b"\x89PNG\r\n\x1a\n and so on",
            b"\xff\xd8\xff\xe0 JFIF",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 doc",
            b"{\\rtf1\\ansi text}",
            "项目\0名称".encode(),
            bytes(range(256)) * 4,
        ],
    )
    def test_binary_content_is_told_whatever_the_name_says(
        self, tmp_path: Path, content: bytes
    ) -> None:
        assert code_of(write(tmp_path, "form.txt", content)) == "binary"

    def test_a_file_above_the_limit_is_refused_without_being_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        with path.open("wb") as stream:
            stream.truncate(LARGEST + 1)
        assert code_of(path) == "too_large"

    def test_a_file_that_went_away_is_said_to_have_vanished(self, tmp_path: Path) -> None:
        assert code_of(tmp_path / "a.txt") == "vanished"

    def test_a_folder_with_the_name_of_a_file_is_no_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.md").mkdir()
        assert code_of(tmp_path / "a.md") == "not_a_file"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
    def test_a_pipe_does_not_make_us_wait(self, tmp_path: Path) -> None:
        pipe = tmp_path / "a.txt"
        os.mkfifo(pipe)
        told: list[str] = []
        reader = threading.Thread(target=lambda: told.append(code_of(pipe)), daemon=True)
        reader.start()
        reader.join(timeout=10)
        assert told == ["not_a_file"]

    def test_a_file_that_may_not_be_read_names_the_right_to_ask_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(path: str, flags: int) -> int:
            raise PermissionError(13, "Permission denied", path)

        monkeypatch.setattr(os, "open", refuse)
        assert code_of(tmp_path / "a.txt") == "permission"

    def test_messages_come_in_both_languages_and_cannot_steer_the_terminal(
        self, tmp_path: Path
    ) -> None:
        path = write(tmp_path, "a\x1b[31m.txt", b"")
        with pytest.raises(Problem) as raised:
            load(path)
        for lang in ("zh", "en"):
            assert "\x1b" not in raised.value.sentences[lang]
        assert "没有文字" in raised.value.sentences["zh"]


class TestCsv:
    def text_of(self, tmp_path: Path, content: str) -> str:
        return load(write(tmp_path, "a.csv", content)).text

    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_cells_come_by_tab_whatever_the_delimiter(self, tmp_path: Path, mark: str) -> None:
        rows = [["年度资金总额", '"1,765.05"', "5.00"], ["其他资金", "0.00", ""]]
        content = "\r\n".join(mark.join(row) for row in rows) + "\r\n"
        assert self.text_of(tmp_path, content) == "年度资金总额\t1,765.05\t5.00\n其他资金\t0.00\t"

    def test_a_comma_in_the_prose_of_a_semicolon_file_is_a_comma(self, tmp_path: Path) -> None:
        content = "目标;a,b,c,d,e,f\n得分;5\n"
        assert self.text_of(tmp_path, content) == "目标\ta,b,c,d,e,f\n得分\t5"

    def test_a_label_over_two_lines_stays_one_cell(self, tmp_path: Path) -> None:
        assert self.text_of(tmp_path, '"年度\n总体\r\n目标",x\n') == "年度 总体 目标\tx"

    def test_paragraphs_of_a_goal_stay_apart(self, tmp_path: Path) -> None:
        first = "1、围绕公共文化服务高质量发展，全年举办读书交流活动十二场。"
        text = self.text_of(tmp_path, f'年度总体目标,"{first}\n2、完成培训。"\n')
        assert text == f"年度总体目标\t<p>{first}</p><p>2、完成培训。</p>"

    def test_a_tab_inside_a_cell_does_not_part_it(self, tmp_path: Path) -> None:
        assert self.text_of(tmp_path, '"甲\t乙",1\n丙,2\n') == "甲 乙\t1\n丙\t2"

    def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_below(
        self, tmp_path: Path
    ) -> None:
        text = self.text_of(tmp_path, '得分,"5.00"\n"十四五规划,1\n总分,"1,098.10"\n"等级,优\n')
        assert text.splitlines()[-1] == '"等级\t优'
        assert "总分" in text

    def test_a_cell_of_a_million_characters_is_read(self, tmp_path: Path) -> None:
        assert len(self.text_of(tmp_path, f'a,"{"长" * 1_000_000}"\n')) > 1_000_000


class TestHtml:
    def text_of(self, tmp_path: Path, content: str | bytes) -> str:
        return load(write(tmp_path, "a.html", content)).text

    def lines(self, tmp_path: Path, content: str | bytes) -> list[str]:
        return [line for line in self.text_of(tmp_path, content).splitlines() if line]

    def test_cells_by_tab_rows_by_newline_entities_decoded(self, tmp_path: Path) -> None:
        page = "<table><tr><th>项目&nbsp;名称<td>A&amp;B &ge;95&#37;<tr><td>得分<td>5.00</table>"
        assert self.lines(tmp_path, page) == ["项目 名称\tA&B ≥95%", "得分\t5.00"]

    def test_spanned_places_are_empty_so_that_columns_stay_aligned(self, tmp_path: Path) -> None:
        page = """<table>
          <tr><td rowspan=2>产出指标</td><td>数量指标</td><td colspan=2>党校培训</td><td>1</td></tr>
          <tr><td>质量指标</td><td>合格率</td><td>≥95</td><td>2</td></tr>
          <tr><td>效益指标</td><td>a</td><td>b</td><td>c</td><td>3</td></tr></table>"""
        assert self.lines(tmp_path, page) == [
            "产出指标\t数量指标\t党校培训\t\t1",
            "\t质量指标\t合格率\t≥95\t2",
            "效益指标\ta\tb\tc\t3",
        ]

    def test_a_rowspan_at_the_right_edge_leaves_an_empty_last_cell(self, tmp_path: Path) -> None:
        page = "<table><tr><td>a<td rowspan=2>b<tr><td>c</table>"
        assert self.lines(tmp_path, page) == ["a\tb", "c\t"]

    def test_what_is_not_shown_is_not_text(self, tmp_path: Path) -> None:
        page = """<html><head><title>项目支出绩效自评表</title><style>p {}</style></head><body>
          <!-- 项目名称 --><script>var s = "得分";</script><p>(2023<b>年度</b>)</p></body></html>"""
        assert self.lines(tmp_path, page) == ["(2023年度)"]

    def test_tables_stand_between_blank_lines(self, tmp_path: Path) -> None:
        text = self.text_of(tmp_path, "<h1>表一</h1><table><tr><td>a</table><p>表二</p>")
        assert text == "表一\n\na\n\n表二"

    def test_a_break_inside_a_label_is_a_space(self, tmp_path: Path) -> None:
        page = "<table><tr><td>年度<br>总体<br/>目标<td><p>88.00(百分</p><p>比)</p></table>"
        assert self.lines(tmp_path, page) == ["年度 总体 目标\t88.00(百分 比)"]

    def test_paragraphs_of_a_goal_stay_apart(self, tmp_path: Path) -> None:
        first = "1、围绕公共文化服务高质量发展，全年举办读书交流活动十二场。"
        page = f"<table><tr><td>目标<td><p>{first}</p>\n<p>2、完成 培训。</p></table>"
        assert self.lines(tmp_path, page) == [f"目标\t<p>{first}</p><p>2、完成 培训。</p>"]

    def test_a_table_inside_a_layout_table_keeps_its_rows(self, tmp_path: Path) -> None:
        page = """<table><tr><td>菜单</td><td><table><tr><td>总分<td>98.10</table></td></tr>
          <tr><td>页脚<td>2023</table>"""
        assert self.lines(tmp_path, page) == ["菜单", "总分\t98.10", "页脚\t2023"]

    def test_preformatted_text_keeps_its_lines_and_tabs(self, tmp_path: Path) -> None:
        page = "<pre>总分\t98.10\n等级\t优</pre>"
        assert self.lines(tmp_path, page) == ["总分\t98.10", "等级\t优"]

    def test_a_short_page_is_read_in_the_encoding_it_declares(self, tmp_path: Path) -> None:
        page = '<meta charset="gb2312"><p>優</p>'.encode("gb18030")
        assert self.lines(tmp_path, page) == ["優"]

    def test_an_xml_declaration_does_no_harm(self, tmp_path: Path) -> None:
        page = '<?xml version="1.0" encoding="gb2312"?><html><body><p>总分</p></body></html>'
        assert self.lines(tmp_path, page) == ["总分"]

    def test_a_page_nested_too_deeply_fails_instead_of_losing_its_end(self, tmp_path: Path) -> None:
        page = "<div>" * 100_000 + "总分"
        assert code_of(write(tmp_path, "a.html", page)) == "too_deep"

    def test_an_enormous_span_costs_no_memory(self, tmp_path: Path) -> None:
        row = "<tr><td colspan=99999999 rowspan=99999999>x"
        assert len(self.text_of(tmp_path, f"<table>{row * 100}")) < 100_000


class TestWalk:
    def test_folders_are_walked_by_name_at_each_level(self, tmp_path: Path) -> None:
        for name in ("b.md", "a/z.txt", "a/b/c.tsv", "a.txt", "C.MD", "a/0.csv"):
            write(tmp_path, name, "x")
        paths = [found.path for found in walk([tmp_path])]
        assert paths == ["C.MD", "a/0.csv", "a/b/c.tsv", "a/z.txt", "a.txt", "b.md"]

    def test_the_root_is_the_folder_or_the_parent_or_the_name_given(self, tmp_path: Path) -> None:
        file = write(tmp_path, "year/a.md", "x")
        (folder,), (named,), (renamed,) = (
            list(walk(paths, root))
            for paths, root in (([tmp_path], None), ([file], None), ([tmp_path], "offices"))
        )
        assert (folder.root, folder.path) == (str(tmp_path.resolve()), "year/a.md")
        assert (named.root, named.path) == (str(file.parent.resolve()), "a.md")
        assert (renamed.root, renamed.path) == ("offices", "year/a.md")

    def test_load_gives_the_path_relative_to_a_root(self, tmp_path: Path) -> None:
        file = write(tmp_path, "2023/a.md", "x")
        assert load(file, tmp_path).path == "2023/a.md"
        assert load(file).path == "a.md"

    def test_other_kinds_are_listed_as_skipped(self, tmp_path: Path) -> None:
        for name in ("a.md", "b.pdf", "c", "d.HTM"):
            write(tmp_path, name, "x")
        skipped = [f.path for f in walk([tmp_path]) if f.problem and f.problem.skipped]
        assert skipped == ["b.pdf", "c"]

    def test_hidden_files_inside_folders_are_passed_over(self, tmp_path: Path) -> None:
        for name in ("._a.md", ".git/config.txt", "a.md"):
            write(tmp_path, name, "x")
        assert [found.path for found in walk([tmp_path])] == ["a.md"]

    def test_a_missing_path_is_said_before_anything_is_read(self, tmp_path: Path) -> None:
        with pytest.raises(Problem) as raised:
            walk([write(tmp_path, "a.md", "x"), tmp_path / "b.md"])
        assert raised.value.code == "missing"

    def test_links_to_folders_cannot_make_a_loop(self, tmp_path: Path) -> None:
        write(tmp_path, "a/b.md", "x")
        (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
        (tmp_path / "a" / "lost.md").symlink_to(tmp_path / "nowhere.md")
        (tmp_path / "a" / "self.md").symlink_to(tmp_path / "a" / "self.md")
        found = {one.path: one for one in walk([tmp_path])}
        assert set(found) == {"a/again", "a/b.md", "a/lost.md", "a/self.md"}
        again = found["a/again"].problem
        assert again is not None
        assert again.skipped
        assert code_of(found["a/lost.md"].file) == "vanished"

    def test_a_link_to_a_file_is_read(self, tmp_path: Path) -> None:
        target = write(tmp_path, "elsewhere.md", FORM)
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "link.md").symlink_to(target)
        (found,) = walk([tmp_path / "in"])
        assert load(found.file).text == FORM

    def test_a_file_named_twice_comes_once(self, tmp_path: Path) -> None:
        file = write(tmp_path, "a.md", "x")
        assert len(list(walk([tmp_path, tmp_path, file, file]))) == 1

    def test_two_files_may_not_share_a_place_under_one_root_name(self, tmp_path: Path) -> None:
        """Otherwise one would pass for a new version of the other."""
        write(tmp_path, "one/a.md", "x")
        write(tmp_path, "two/a.md", "y")
        found = list(walk([tmp_path / "one", tmp_path / "two"], "offices"))
        assert [one.problem and one.problem.code for one in found] == [None, "ambiguous"]

    def test_names_in_gb18030_become_text(self, tmp_path: Path) -> None:
        name = os.fsdecode("江川.md".encode("gb18030"))
        try:
            write(tmp_path, name, "x")
        except OSError:
            pytest.skip("this file system takes UTF-8 names only")
        (found,) = walk([tmp_path])
        assert found.path == "江川.md"

    def test_a_deep_folder_is_no_problem(self, tmp_path: Path) -> None:
        folder = tmp_path
        for _ in range(200):
            folder = folder / "d"
        write(folder, "a.md", "x")
        (found,) = walk([tmp_path])
        assert found.path.count("/") == 200

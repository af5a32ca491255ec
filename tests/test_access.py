"""Who may come to the review screen, and who acts there."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.settings import Review, SettingsError, settings
from ui import access
from ui.access import USER_KEY, Access, Header, is_home, of, read, readable

STREAM = "/_stcore/stream"
HOME = Access()
OIDC = Review(login="oidc")
HEADER = Review(header="X-Forwarded-User")


def asked(*headers: tuple[str, str]) -> list[Header]:
    return [(name.lower().encode(), value.encode()) for name, value in headers]


def given(host: str, review: Review, redirect: str | None = None) -> Access:
    found = of(host, review, redirect)
    assert found is not None
    return found


class TestHosts:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "LocalHost"])
    def test_this_machine_needs_no_login(self, host: str) -> None:
        assert is_home(host)
        assert given(host, Review()).way == "local"

    @pytest.mark.parametrize(
        "host",
        ["0.0.0.0", "::", "", "10.0.0.5", "localhost.example.org", "127.1", "0", "::ffff:10.0.0.5"],
    )
    def test_any_other_host_needs_one(self, host: str) -> None:
        assert not is_home(host)
        assert of(host, Review()) is None
        assert given(host, OIDC).way == "oidc"
        assert given(host, HEADER).way == "header"

    def test_an_address_for_others_needs_one_also_where_the_host_is_this_machine(self) -> None:
        assert of("127.0.0.1", Review(address="https://review.example.org")) is None

    def test_on_this_machine_a_header_that_is_configured_is_required_as_well(self) -> None:
        found = given("127.0.0.1", HEADER)
        assert found.person({}, "chosen") is None
        assert found.refuses("/", asked(("Host", "localhost:8601")), "127.0.0.1") == "person"


class TestPerson:
    def test_on_this_machine_it_is_who_was_chosen(self) -> None:
        assert HOME.person(None, "王 芳") == "王 芳"
        assert HOME.person({"email": "a@example.org", USER_KEY: "b"}, "c") == "c"

    @pytest.mark.parametrize("nobody", [None, "", "  \t\n", "\u202e\u200b\ufeff", "\x00"])
    def test_no_name_is_nobody(self, nobody: str | None) -> None:
        assert HOME.person({}, nobody) is None

    def test_a_login_gives_the_mail_else_the_subject_and_never_who_was_chosen(self) -> None:
        oidc = given("0.0.0.0", OIDC)
        on = {"is_logged_in": True}
        assert oidc.person({**on, "email": "a@example.org", "sub": "7"}, "c") == "a@example.org"
        assert oidc.person({**on, "sub": "7"}, "c") == "7"
        assert oidc.person({**on, "email": "", "sub": "7"}, "c") == "7"
        assert oidc.person({**on, "email": "a@example.org", "email_verified": False}, "c") is None
        assert oidc.person(on, "c") is None

    @pytest.mark.parametrize("on", [None, False, "true", 1])
    def test_who_is_not_logged_in_is_nobody(self, on: object) -> None:
        oidc = given("0.0.0.0", OIDC)
        assert oidc.person({"is_logged_in": on, "email": "a@example.org"}, "c") is None

    def test_a_header_gives_its_value_in_utf_8(self) -> None:
        header = given("0.0.0.0", HEADER)
        assert header.person({USER_KEY: "王芳".encode().decode("latin-1")}, "c") == "王芳"
        assert header.person({USER_KEY: "王芳"}, "c") == "王芳"
        assert header.person({USER_KEY: None, "email": "a@example.org"}, "c") is None

    def test_signs_that_nobody_sees_are_dropped_and_long_names_cut(self) -> None:
        assert readable("a\u202eb\u200b \u2066c\x07\n d\ud800") == "ab c d"
        assert readable("名" * 300) == "名" * 200
        assert readable(["a"]) is None


class TestRefused:
    @pytest.mark.parametrize("host", ["localhost:8601", "127.0.0.1", "[::1]:8601", "LOCALHOST."])
    def test_this_machine_is_served_under_its_own_names(self, host: str) -> None:
        assert HOME.refuses("/", asked(("Host", host)), "127.0.0.1") is None

    @pytest.mark.parametrize(
        "hosts",
        [
            (),
            ("evil.example:8601",),
            ("10.0.0.5",),
            ("localhost.evil.example",),
            ("user@localhost",),
            ("localhost:x",),
            ("localhost", "evil.example"),
            ("",),
        ],
    )
    def test_a_name_made_to_point_here_is_refused(self, hosts: tuple[str, ...]) -> None:
        told = asked(*(("Host", host) for host in hosts))
        assert HOME.refuses("/", told, "127.0.0.1") == "host"

    @pytest.mark.parametrize(
        "origin",
        [
            "http://evil.example",
            "null",
            "",
            "http://localhost:3000",
            "http://127.0.0.1:8601",
            "http://localhost:8601.evil.example",
            "file://",
        ],
    )
    def test_pages_of_other_sites_are_refused_also_of_other_ports(self, origin: str) -> None:
        told = asked(("Host", "localhost:8601"), ("Origin", origin))
        assert HOME.refuses(STREAM, told, "127.0.0.1") == "origin"

    def test_its_own_pages_are_served(self) -> None:
        told = asked(("Host", "localhost:8601"), ("Origin", "http://localhost:8601"))
        assert HOME.refuses(STREAM, told, "127.0.0.1") is None
        assert HOME.refuses(STREAM, [*told, told[1]], "127.0.0.1") == "origin"

    def test_beyond_this_machine_numbers_and_names_that_were_told_are_served(self) -> None:
        found = given("0.0.0.0", OIDC, "https://Review.example.org/oauth2callback")
        for host in ("10.0.0.5:8601", "[fe80::1]:8601", "review.example.org", "localhost"):
            assert found.refuses("/", asked(("Host", host)), "10.0.0.9") is None
        assert found.refuses("/", asked(("Host", "evil.example")), "10.0.0.9") == "host"
        inside = ("Host", "10.0.0.5:8601")
        for origin, why in (("https://review.example.org", None), ("https://evil", "origin")):
            told = asked(inside, ("Origin", origin))
            assert found.refuses(STREAM, told, "10.0.0.9") == why

    def test_the_header_is_believed_from_the_proxy_alone(self) -> None:
        review = Review.model_validate({"header": "X-Forwarded-User", "proxies": ["10.0.0.2"]})
        found = given("0.0.0.0", review)
        told = asked(("Host", "10.0.0.5:8601"), ("X-Forwarded-User", "reviewer-1"))
        assert found.refuses("/", told, "10.0.0.2") is None
        assert found.refuses("/", told, "::ffff:10.0.0.2") is None
        for client in ("10.0.0.3", "127.0.0.1", None):
            assert found.refuses("/", told, client) == "proxy"

    def test_a_header_that_comes_twice_or_empty_names_nobody(self) -> None:
        found = given("127.0.0.1", HEADER)
        host, name = ("Host", "localhost"), ("X-Forwarded-User", "reviewer-1")
        assert found.refuses("/", asked(host, name, name), "127.0.0.1") == "person"
        assert found.refuses("/", asked(host, (name[0], " ")), "127.0.0.1") == "person"
        assert found.refuses("/_stcore/health", asked(host), "127.0.0.1") is None


class TestTold:
    def test_a_server_reads_what_it_was_told(self) -> None:
        for one in (HOME, given("0.0.0.0", HEADER), given("::", OIDC, "https://a.example/x")):
            assert read({access.VARIABLE: one.written()}) == one
        assert read({}) == HOME

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ('login = "password"', "review.login: should be 'oidc'"),
            ('header = "X User"', "review.header: is not written as it should be"),
            ('proxies = ["proxy"]', "review.proxies.0: is no address such as 10.0.0.5"),
            ('address = "review.example.org"', "review.address: is not written as it should be"),
            ('passwort = "x"', "review.passwort: Crossfoot has no such setting"),
        ],
    )
    def test_a_setting_that_would_be_without_effect_is_refused(
        self, tmp_path: Path, line: str, said: str
    ) -> None:
        file = tmp_path / "crossfoot.toml"
        file.write_text(f"[review]\n{line}\n", "utf-8")
        with pytest.raises(SettingsError, match=r"crossfoot\.toml: review") as caught:
            settings({}, {}, file)
        assert said in str(caught.value)

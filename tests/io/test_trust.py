"""Whose a listener is, whom the person pinned, and what follows from both."""

from __future__ import annotations

import json
import os
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal

import pytest
from servers import proxy
from tool import discover

from litellm_discover import finding
from litellm_discover.core.origin import Origin, parse_origins
from litellm_discover.errors import ConfigError, TrustError
from litellm_discover.io import trust
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places
from litellm_discover.io.trust import Gate, Listener, Verdict, judge, owners_of, parse_listeners, parse_site

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ME, BOB, NOBODY = 1000, 1001, 65534

V4, V6 = Origin("http", "127.0.0.1", 4000), Origin("http", "::1", 4000)

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
# As a kernel prints them; 0FA0 is port 4000.
TCP = HEAD + (
    "   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 21 1 0000000012 100 0\n"
    "   1: 00000000:1F40 00000000:0000 0A 00000000:00000005 00:00000000 00000000     0        0 22 1 0000000013 100 0\n"
    "   2: 0100007F:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000  1002        0 23 1 0000000014 100 0\n"
    "   3: 0100007F:0FA0 0100007F:C94A 01 00000000:00000000 02:00000F7F 00000000  1000        0 24 2 0000000015 20 4\n"
    "   4: 0100007F:83BF 0100007F:0FA0 06 00000000:00000000 03:00000F7F 00000000     0        0 0 3 000000007f\n"
    "   5: 0200A8C0:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1003        0 25 1 0000000016 100 0\n"
)
TCP6 = HEAD + (
    "   0: 00000000000000000000000001000000:0FA0 00000000000000000000000000000000:0000 0A"
    " 00000000:00000000 00:00000000 00000000  1000        0 31 1 0000000017 100 0 0 10 0\n"
    "   1: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A"
    " 00000000:00000000 00:00000000 00000000  1001        0 32 1 0000000018 100 0 0 10 0\n"
    "   2: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A"
    " 00000000:00000000 00:00000000 00000000 65534        0 33 1 0000000019 100 0 0 10 0\n"
    "   3: B80D0120000000000000000001000000:0FA0 00000000000000000000000000000000:0000 0A"
    " 00000000:00000000 00:00000000 00000000  1004        0 34 1 000000001a 100 0 0 10 0\n"
)


def shown(listeners: Iterable[Listener]) -> list[tuple[str, int, int]]:
    """Listeners as plain values."""
    return [(str(each.address), each.port, each.uid) for each in listeners]


def test_the_tables_of_the_kernel_are_understood() -> None:
    """Only listening sockets count, each with its address, its port and its user."""
    assert shown(parse_listeners(TCP, "little")) == [
        ("127.0.0.1", 4000, 1001),
        ("0.0.0.0", 8000, 0),  # noqa: S104 - what the kernel printed
        ("192.168.0.2", 4000, 1003),
    ]
    assert shown(parse_listeners(TCP6, "little")) == [
        ("::1", 4000, 1000),
        ("::", 8000, 1001),
        (str(ip_address("::ffff:127.0.0.1")), 8080, 65534),
        ("2001:db8::1", 4000, 1004),
    ]


@pytest.mark.parametrize(
    ("digits", "byteorder", "address"),
    [
        ("0100007F", "little", "127.0.0.1"),
        ("7F000001", "big", "127.0.0.1"),
        ("7F000001", "little", "1.0.0.127"),
        ("00000000000000000000000001000000", "little", "::1"),
        ("00000000000000000000000000000001", "big", "::1"),
        ("0000000000000000FFFF00000100007F", "little", "::ffff:127.0.0.1"),
        ("00000000000000000000FFFF7F000001", "big", "::ffff:127.0.0.1"),
        ("B80D01200000000067452301EFCDAB89", "little", "2001:db8:0:0:123:4567:89ab:cdef"),
    ],
)
def test_words_are_in_the_byte_order_of_the_machine(
    digits: str, byteorder: Literal["little", "big"], address: str
) -> None:
    """The kernel prints each 32 bits of an address as a number of its own."""
    (listener,) = parse_listeners(f"{HEAD}   0: {digits}:0FA0 0:0 0A 0:0 0:0 0 7 0 1\n", byteorder)
    assert listener == Listener(ip_address(address), 4000, 7)


@pytest.mark.parametrize(
    "row",
    [
        "   0: 0100007F",
        "nonsense",
        "   0: 0100007F:0FA0 0:0 0A 0:0 0:0 0 root 0",
        "   0: 0100007F:port 0:0 0A 0:0 0:0 0 0 0",
        "   0: 0100007F0100007F:0FA0 0:0 0A 0:0 0:0 0 0 0",
        "   0: :0FA0 0:0 0A 0:0 0:0 0 0 0",
        "",
    ],
)
def test_a_table_that_is_not_understood_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    """A row that is passed over could be the stranger's: then nobody is known."""
    good = tmp_path / "tcp"
    good.write_text(TCP, encoding="ascii")
    bad = tmp_path / "tcp6"
    bad.write_text(f"{TCP6}{row}\n", encoding="ascii")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(trust, "_IPV4_TABLE", good)
    monkeypatch.setattr(trust, "_IPV6_TABLE", bad)
    assert trust.listeners_now() == ()


def test_a_kernel_without_ipv6_has_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the other table nobody is known; on other systems neither is looked for."""
    tables = {"_IPV4_TABLE": tmp_path / "tcp", "_IPV6_TABLE": tmp_path / "tcp6"}
    for name, path in tables.items():
        monkeypatch.setattr(trust, name, path)
    monkeypatch.setattr(sys, "platform", "linux")
    tables["_IPV4_TABLE"].write_text(TCP, encoding="ascii")
    assert trust.listeners_now() == parse_listeners(TCP)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert trust.listeners_now() == ()
    monkeypatch.setattr(sys, "platform", "linux")
    tables["_IPV4_TABLE"].rename(tables["_IPV6_TABLE"])
    assert trust.listeners_now() == ()


@pytest.mark.parametrize(
    ("origin", "address", "counts"),
    [
        (V4, "127.0.0.1", True),
        (V4, "0.0.0.0", True),  # noqa: S104 - what the kernel printed
        (V4, "::", True),
        (V4, "::ffff:127.0.0.1", True),
        (V4, "::ffff:0.0.0.0", True),
        (V4, "::1", False),
        (V4, "127.0.0.2", False),
        (V4, "192.168.0.2", False),
        (V6, "::1", True),
        (V6, "::", True),
        (V6, "127.0.0.1", False),
        (V6, "0.0.0.0", False),  # noqa: S104 - what the kernel printed
        (V6, "::ffff:127.0.0.1", False),
        (V6, "fe80::1", False),
        (Origin("http", "192.168.0.2", 4000), "192.168.0.2", False),
        (Origin("https", "llm.example.com", 4000), "::", False),
    ],
)
def test_every_socket_that_could_accept_counts(origin: Origin, address: str, *, counts: bool) -> None:
    """The address itself, the wildcards, and IPv4 through IPv6; another port never, another machine never."""
    here = Listener(ip_address(address), 4000, BOB)
    elsewhere = Listener(ip_address(address), 4001, ME)
    assert owners_of(origin, [here, elsewhere]) == (frozenset({BOB}) if counts else frozenset())


@pytest.mark.parametrize(
    ("origin", "named", "pins", "owners", "verdict"),
    [
        (V4, False, (), {ME}, Verdict("own")),
        (V4, False, (), {0}, Verdict("own")),
        (V6, False, (), {0, ME}, Verdict("own")),
        (V4, False, (), set(), Verdict(None)),
        (V4, False, (), {BOB}, Verdict(None, BOB)),
        (V4, False, (), {ME, BOB}, Verdict(None, BOB)),
        (V4, False, (), {0, BOB}, Verdict(None, BOB)),
        (V4, False, (), {NOBODY}, Verdict(None, NOBODY)),
        (V4, False, (V4,), {BOB}, Verdict("pinned")),
        (V4, False, (V4,), set(), Verdict("pinned")),
        (Origin("http", "127.0.0.1", 4000, "/team"), False, (V4,), {BOB}, Verdict("pinned")),
        (V4, False, (V6,), {BOB}, Verdict(None, BOB)),
        (V4, False, (Origin("http", "127.0.0.1", 4001),), {BOB}, Verdict(None, BOB)),
        (V4, False, (Origin("https", "127.0.0.1", 4000),), {BOB}, Verdict(None, BOB)),
        (V4, True, (), {BOB}, Verdict("named")),
        (Origin("https", "llm.example.com", 443), True, (), set(), Verdict("named")),
        (Origin("https", "llm.example.com", 443), False, (), set(), Verdict(None)),
        (Origin("http", "192.168.0.2", 4000), False, (), {ME}, Verdict(None)),
    ],
)
def test_the_verdict(origin: Origin, named: bool, pins: tuple[Origin, ...], owners: set[int], verdict: Verdict) -> None:  # noqa: FBT001 - a column
    """Named, pinned, or on this machine and all mine or root's; else not, and whose it is."""
    assert judge(origin, named=named, pins=frozenset(pins), owners=frozenset(owners), me=ME) == verdict


@pytest.mark.parametrize("me", [NOBODY, None])
def test_who_can_be_anybody_owns_nothing(me: int | None) -> None:
    """In a user namespace, everybody who is not mapped looks like the user 65534: also to one who looks so too."""
    owners = frozenset({NOBODY})
    assert judge(V4, named=False, pins=frozenset(), owners=owners, me=me) == Verdict(None, NOBODY)


def test_the_kernel_knows_this_process_s_own_listener() -> None:
    """The real tables: a socket of this test belongs to this user on its port, and to nobody before it listens."""
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        origin = Origin("http", "127.0.0.1", server.getsockname()[1])
        assert owners_of(origin, trust.listeners_now()) == frozenset()
        server.listen()
        expected = {os.getuid()} if sys.platform == "linux" else set()
        assert owners_of(origin, trust.listeners_now()) == expected


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000"),
        ("http://127.0.0.1:4000/v1", "http://127.0.0.1:4000"),
        ("HTTPS://LLM.example.com/team/v1/", "https://llm.example.com"),
        ("https://llm.example.com:443", "https://llm.example.com"),
        ("http://[0:0:0:0:0:0:0:1]:4000", "http://[::1]:4000"),
    ],
)
def test_a_pin_is_scheme_host_and_port(url: str, root: str) -> None:
    """A path does not matter, and an address has one spelling."""
    assert parse_site(url, source="x").root == root


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("http://127.0.0.1:4000", False),
        ("http://[::1]:4000", False),
        ("http://127.8.9.10:4000", False),
        ("https://llm.example.com", False),
        ("http://10.0.0.5:4000", False),
        ("http://10.0.0.5:4000/team/v1", False),
        ("http://10.0.0.5:4001", True),
        ("http://llm.example.com", True),
        ("http://192.168.1.5:4000", True),
        ("http://127.0.0.1.example.com", True),
        ("http://0.0.0.0:4000", True),
        ("http://[fe80::1]:4000", True),
        ("http://2130706433:4000", True),
    ],
)
def test_what_is_not_encrypted_stays_on_this_machine(url: str, *, refused: bool) -> None:
    """Plain http needs a loopback literal, a pin for exactly this origin, or the person's word for the run."""
    origin = parse_origins(url, source="x")[0]
    gate = Gate(frozenset({Origin("http", "10.0.0.5", 4000)}))
    refusal = gate.refusal(origin)
    assert (refusal is not None) == refused
    assert Gate(insecure_http=True).refusal(origin) is None
    if refusal:
        assert refusal.code == "insecure_http"
        assert "--insecure-http for one run" in refusal.hint
        assert "litellm-discover trust --insecure-http" in refusal.hint


# Pins


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """The directories of a person without any file."""
    return Places(tmp_path, {})


def planted(places: Places, data: bytes, *, mode: int = 0o600, directory_mode: int = 0o700) -> Path:
    """The file of pins with these bytes and modes."""
    path = places.pins()
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    path.chmod(mode)
    path.parent.chmod(directory_mode)
    return path


def document(*origins: str, **fields: Any) -> bytes:
    """A file of pins."""
    return json.dumps({"schemaVersion": 1, "origins": origins, **fields}).encode()


def test_pins_are_kept_in_a_file_of_their_own(places: Places) -> None:
    """Sorted, for this user alone, and not written when nothing changes."""
    path = places.pins()
    assert trust.pinned(places) == frozenset()
    assert trust.pin(places, V6, Deadline.after(5))
    assert trust.pin(places, V4, Deadline.after(5))
    before = path.stat()
    assert not trust.pin(places, V4, Deadline.after(5))
    assert path.stat().st_ino == before.st_ino
    assert json.loads(path.read_bytes()) == {
        "schemaVersion": 1,
        "origins": ["http://127.0.0.1:4000", "http://[::1]:4000"],
    }
    assert (before.st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert trust.pinned(places) == Gate.open(places, insecure_http=False).pins == {V4, V6}
    assert trust.pin(places, V4, Deadline.after(5), wanted=False)
    assert not trust.pin(places, V4, Deadline.after(5), wanted=False)
    assert trust.pinned(places) == {V6}


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o077])
def test_the_umask_does_not_matter(places: Places, umask: int) -> None:
    """What is new is for this user alone."""
    old = os.umask(umask)
    try:
        trust.pin(places, V4, Deadline.after(5))
    finally:
        os.umask(old)
    assert Gate.open(places, insecure_http=False) == Gate(frozenset({V4}))


@pytest.mark.parametrize(
    ("mode", "directory_mode", "told"),
    [
        (0o620, 0o700, "trust.json can be written by others (mode 0620)"),
        (0o602, 0o700, "trust.json can be written by others (mode 0602)"),
        (0o600, 0o720, "litellm-discover can be written by others (mode 0720)"),
        (0o600, 0o1777, "litellm-discover can be written by others (mode 1777)"),
    ],
)
def test_pins_that_others_can_write_are_ignored_and_never_added_to(
    places: Places, mode: int, directory_mode: int, told: str
) -> None:
    """A notice says so, and the refusal that follows says why; adding refuses, and the bytes stay."""
    path = planted(places, document(V4.root), mode=mode, directory_mode=directory_mode)
    gate = Gate.open(places, insecure_http=False)
    assert gate.pins == frozenset()
    (notice,) = gate.notices
    assert notice.code == "trust_file_ignored"
    assert told in notice.message
    assert told in gate.error({V4: Verdict(None)}).hint
    with pytest.raises(ConfigError, match="can be written by others"):
        trust.pin(places, V6, Deadline.after(5))
    assert path.read_bytes() == document(V4.root)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("whose", ["file", "directory"])
def test_pins_of_somebody_else_are_ignored(places: Places, whose: str) -> None:
    """Their owner could write them at any time."""
    path = planted(places, document(V4.root))
    os.chown(path if whose == "file" else path.parent, NOBODY, NOBODY)
    gate = Gate.open(places, insecure_http=False)
    assert gate.pins == frozenset()
    assert "belongs to another user (uid 65534)" in gate.notices[0].message
    with pytest.raises(ConfigError, match="belongs to another user"):
        trust.pin(places, V6, Deadline.after(5))


def test_files_of_root_are_as_good_as_the_person_s(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """An administrator may pin for everybody; who is neither root nor this user may not."""
    path = planted(places, document(V4.root))
    monkeypatch.setattr(trust, "ME", path.stat().st_uid + 1)
    monkeypatch.setattr(trust, "ROOT", path.stat().st_uid)
    assert Gate.open(places, insecure_http=False).pins == {V4}
    monkeypatch.setattr(trust, "ROOT", path.stat().st_uid + 2)
    assert Gate.open(places, insecure_http=False).pins == frozenset()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"origins"',
        b"{}",
        b'{"schemaVersion": 1}',
        b'{"origins": []}',
        b"\xff\xfe",
        b"[" * 100_000,
        document(schemaVersion=2),
        document(schemaVersion="1"),
        document(origins=None),
        document(origins="http://127.0.0.1:4000"),
        document(origins={"http://127.0.0.1:4000": True}),
        document(origins=[None]),
        document(origins=[["http://127.0.0.1:4000"]]),
        document("127.0.0.1:4000"),
        document("http://localhost:4000"),
        document("http://user:secret@127.0.0.1:4000"),
        document("http://127.0.0.1:4000", "ftp://127.0.0.1"),
    ],
)
def test_a_file_that_cannot_be_understood_is_named_and_left(places: Places, data: bytes) -> None:
    """It never counts as empty: neither when it is read, nor when something is added to it."""
    path = planted(places, data)
    for use in (
        lambda: Gate.open(places, insecure_http=False),
        lambda: trust.pin(places, V4, Deadline.after(5)),
        lambda: trust.pin(places, V4, Deadline.after(5), wanted=False),
    ):
        with pytest.raises(ConfigError, match=r"trust\.json") as refused:
            use()
        assert "secret" not in refused.value.message + refused.value.hint
    assert path.read_bytes() == data


def test_the_refusal_names_all_and_offers_the_first() -> None:
    """The origin, whose it is, and the exact command; in quotes where a shell would read the brackets."""
    error = Gate().error({V6: Verdict(None, BOB), V4: Verdict(None)})
    assert isinstance(error, TrustError)
    assert (error.code, error.origin, error.owner) == ("untrusted_origin", V6.root, BOB)
    assert "http://[::1]:4000 (its listener belongs to uid 1001)" in error.message
    assert "http://127.0.0.1:4000 (whose listener it is cannot be told)" in error.message
    assert error.hint == "If you trust it: litellm-discover trust 'http://[::1]:4000'"
    assert Gate().error({V4: Verdict(None)}).hint == "If you trust it: litellm-discover trust http://127.0.0.1:4000"


@pytest.mark.parametrize(
    ("strangers", "told"),
    [
        ({}, ""),
        ({V6: Verdict(None)}, ""),
        ({V6: Verdict(None, BOB)}, "http://[::1]:4000 (its listener belongs to uid 1001)"),
        ({Origin("http", "::1", 8000): Verdict(None)}, "http://[::1]:8000 (whose listener it is cannot be told)"),
    ],
)
def test_the_notice_of_who_was_passed_over(strangers: dict[Origin, Verdict], told: str) -> None:
    """Where nobody can tell, the other address of the same port is nearly always the same proxy, and no news."""
    notices = finding._untrusted(strangers, V4)
    assert [notice.code for notice in notices] == (["untrusted_proxies"] if told else [])
    assert all(told in notice.message for notice in notices)


# The commands


@pytest.mark.parametrize(
    ("arguments", "status", "stdout", "stderr"),
    [
        (("trust", "http://127.0.0.1:4000/v1"), 0, "", "http://127.0.0.1:4000 is trusted from now on"),
        (("trust", "https://llm.example.com"), 0, "", "https://llm.example.com is trusted"),
        (("trust", "http://[::1]:9000"), 0, "", "http://[::1]:9000 is trusted already"),
        (("trust", "--list"), 0, "http://[::1]:9000\n", ""),
        (("trust", "http://192.168.1.5:4000"), 2, "", "--insecure-http"),
        (("trust", "http://192.168.1.5:4000", "--insecure-http"), 0, "", "is trusted from now on"),
        (("trust", "http://localhost:4000"), 2, "", "http://127.0.0.1:4000 or http://[::1]:4000"),
        (("trust", "http://user:secret@127.0.0.1:4000"), 2, "", "user name or password"),
        (("trust", "127.0.0.1:4000"), 2, "", "not an http:// or https:// address"),
        (("trust",), 2, "", "--list"),
        (("trust", "http://127.0.0.1:4000", "--list"), 2, "", "--list"),
        (("untrust", "http://[::1]:9000"), 0, "", "http://[::1]:9000 is pinned no longer"),
        (("untrust", "http://127.0.0.1:4000"), 1, "", "http://127.0.0.1:4000 was not pinned"),
        (("untrust", "http://localhost:9000"), 2, "", "http://127.0.0.1:9000 or http://[::1]:9000"),
        (("untrust",), 2, "", "URL"),
    ],
)
def test_the_commands(tmp_path: Path, arguments: tuple[str, ...], status: int, stdout: str, stderr: str) -> None:
    """What a person pins, sees and takes back; ``--list`` is for scripts, all else is said on stderr."""
    assert discover("trust", "http://[::1]:9000", root=tmp_path).returncode == 0
    run = discover(*arguments, root=tmp_path)
    assert (run.returncode, run.stdout) == (status, stdout)
    assert stderr in run.stderr
    assert "secret" not in run.stderr


def test_what_the_commands_change(tmp_path: Path) -> None:
    """A pin stays until it is taken back, once however often it is given, beside the others."""

    def listed() -> list[str]:
        return discover("trust", "--list", root=tmp_path).stdout.splitlines()

    urls = ["http://127.0.0.1:4000", "https://llm.example.com"]
    assert listed() == []
    for url in (*urls, urls[0]):
        discover("trust", url, root=tmp_path)
    assert listed() == urls
    discover("untrust", urls[0], root=tmp_path)
    assert listed() == urls[1:]


@pytest.mark.parametrize(
    ("arguments", "env", "status"),
    [
        (("--url", "URL"), {}, 2),
        ((), {"LITELLM_API_BASE": "URL"}, 2),
        ((), {"LITELLM_DISCOVER_URL": "URL/v1"}, 2),
        (("--url", "URL", "--insecure-http"), {}, 0),
        (("--url", "URL"), {"LITELLM_DISCOVER_INSECURE_HTTP": "1"}, 0),
        ((), {"LITELLM_API_BASE": "URL/v1", "LITELLM_DISCOVER_INSECURE_HTTP": "true"}, 0),
    ],
)
def test_what_is_not_encrypted_is_refused_before_it_is_asked(
    tmp_path: Path, arguments: tuple[str, ...], env: dict[str, str], status: int
) -> None:
    """Not one request without the person's word, for the run or as a pin."""
    with proxy(["m"]) as (port, asked):
        url = f"http://0.0.0.0:{port}"  # leads to this machine, and is no loopback address
        arguments = tuple(argument.replace("URL", url) for argument in arguments)
        env = {name: value.replace("URL", url) for name, value in env.items()}
        run = discover(*arguments, "--json", root=tmp_path, env=env)
        assert run.returncode == status
        assert bool(asked) == (status == 0)
        assert [error["code"] for error in run.json["errors"]] == ([] if status == 0 else ["insecure_http"])
        discover("trust", url, "--insecure-http", root=tmp_path)
        assert discover(*arguments, root=tmp_path, env=env).returncode == 0


def test_an_unencrypted_pair_of_openai_is_passed_over(tmp_path: Path) -> None:
    """It was not given for LiteLLM: it is not asked, and does not stand in the way of the likely ports."""
    env = {"OPENAI_BASE_URL": "http://192.0.2.1:4000/v1", "OPENAI_API_KEY": "sk-made-up"}
    (error,) = discover("--json", root=tmp_path, env=env).json["errors"]
    assert error["code"] == "proxy_not_found"
    assert "OPENAI_BASE_URL was not looked at: http://192.0.2.1:4000 is not encrypted" in error["message"]

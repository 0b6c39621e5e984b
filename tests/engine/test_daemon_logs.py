"""Lines out of what the engine sends of a container's log."""

from devenv.engine.daemon_logs import lines

STAMP = b"2026-06-15T12:00:00.000000001Z "


class Sent(list):
    closed = False

    def close(self):
        self.closed = True


def texts(sent):
    return [text for _, text in lines(sent)]


def test_a_long_line_comes_in_pieces_each_with_its_time():
    sent = Sent([STAMP + b"a" * 10, STAMP + b"b\n" + STAMP + b"c\r\n", STAMP + b"d"])
    assert texts(sent) == ["a" * 10 + "b", "c", "d"]
    assert sent.closed


def test_a_line_without_an_end_is_handed_out_in_parts():
    piece = STAMP + b"a" * 16_384
    found = texts(Sent([piece] * 200 + [STAMP + b"end\n", STAMP + b"next\n"]))
    assert "".join(found[:-1]) == "a" * 16_384 * 200 + "end"
    assert len(found) == 5 and max(map(len, found)) < (1 << 20) + 20_000
    assert found[-1] == "next"

"""Cases of RFC 6455 by a client that shares nothing with the desk (the library websockets).

Usage: sockets.py HOST PATH ORIGIN TOKEN. Prints one line for each case that does not end as the RFC says, and last the
number of cases; exits with 1 when there was one.
"""

import asyncio
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close, Frame, Opcode

HOST, PATH, ORIGIN, TOKEN = sys.argv[1:5]
PING = json.dumps({"type": "ping"}).encode()


async def opened():
    socket = await connect(
        f"ws://{HOST}{PATH}", origin=ORIGIN, subprotocols=["frontdesk.v1.json"], ping_interval=None, close_timeout=5
    )
    await socket.send(json.dumps({"type": "hello", "token": TOKEN}))
    assert json.loads(await socket.recv())["type"] == "welcome"
    return socket


async def write(socket, *frames):
    """Past the client's own rules: each frame as it is, masked as a client must."""
    for frame in frames:
        data = frame if isinstance(frame, bytes) else frame.serialize(mask=True, extensions=[])
        socket.transport.write(data)


async def answer(socket):
    """The type of the next frame that answers a ping of ours, or the code that the socket is closed with."""
    try:
        while True:
            kind = json.loads(await asyncio.wait_for(socket.recv(), 5))["type"]
            if kind in ("pong", "error"):
                return kind
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def text(data, fin=True, **more):
    return Frame(Opcode.TEXT, data, fin, **more)


def cont(data, fin=True):
    return Frame(Opcode.CONT, data, fin)


def cases():
    yield "a text", [text(PING)], "pong"
    yield "a text in pieces", [text(PING[:3], False), cont(PING[3:5], False), cont(PING[5:])], "pong"
    yield "empty pieces", [text(b"", False), cont(b"", False), cont(PING)], "pong"
    yield "a ping between pieces", [text(PING[:4], False), Frame(Opcode.PING, b"x"), cont(PING[4:])], "pong"
    yield "a pong that was not asked for", [Frame(Opcode.PONG, b"x"), text(PING)], "pong"
    yield "a ping of 125 bytes", [Frame(Opcode.PING, b"x" * 125), text(PING)], "pong"
    yield "a text that is no JSON", [text(b"{")], "error"
    for size in (0, 1, 125, 126, 127, 128, 65_535, 65_536):
        yield f"a text of {size} bytes", [text(b" " * size)], "error"
    yield "a text of 65,537 bytes", [text(b" " * 65_537)], 1009
    yield "65,537 bytes in pieces", [text(b" " * 65_536, False), cont(b" ")], 1009
    yield "an announced gigabyte", [bytes([0x81, 0xFF]) + (1 << 30).to_bytes(8, "big") + b"mask"], 1009
    yield "a length above 2^63", [bytes([0x81, 0xFF]) + (1 << 63).to_bytes(8, "big") + b"mask"], (1002, 1009)
    yield "a binary frame", [Frame(Opcode.BINARY, PING)], 1003
    yield "a continuation of nothing", [cont(PING)], 1002
    yield "a text within a text", [text(b"{", False), text(PING)], 1002
    yield "a control frame in pieces", [bytes([0x09, 0x81]) + b"mask" + b"x"], 1002
    yield "a ping of 126 bytes", [bytes([0x89, 0xFE, 0, 126]) + b"mask" + b"x" * 126], 1002
    yield "no mask", [bytes([0x81, len(PING)]) + PING], 1002
    for bit in (0x40, 0x20, 0x10):
        yield f"reserved bit {bit:#x}", [bytes([0x81 | bit, 0x80]) + b"mask"], 1002
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield f"reserved opcode {opcode}", [bytes([0x80 | opcode, 0x80]) + b"mask"], 1002
    for bad in (b"\xce\xba\xed\xa0\x80", b"\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xed\xbf\xbf", b"\xfe", b"a\xc3"):
        yield f"a text that is not UTF-8: {bad.hex()}", [text(bad)], 1007
        yield f"the same in pieces: {bad.hex()}", [text(bad[:1], False), cont(bad[1:])], 1007
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
        yield f"close with {code}", [Frame(Opcode.CLOSE, Close(code, "").serialize())], code
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
        yield f"close with {code}", [Frame(Opcode.CLOSE, code.to_bytes(2, "big"))], 1002
    yield "close without a code", [Frame(Opcode.CLOSE, b"")], (1000, 1005)
    yield "close with half a code", [Frame(Opcode.CLOSE, b"\x03")], 1002
    yield "close with a reason that is not UTF-8", [Frame(Opcode.CLOSE, b"\x03\xe8\xff")], (1002, 1007)
    yield "close with a reason of 123 bytes", [Frame(Opcode.CLOSE, Close(1000, "x" * 123).serialize())], 1000


async def byte_by_byte():
    socket = await opened()
    for byte in text(PING).serialize(mask=True, extensions=[]):
        socket.transport.write(bytes([byte]))
        await asyncio.sleep(0)
    return await answer(socket)


async def main():
    tried, wrong = 1, 0
    got = await byte_by_byte()
    if got != "pong":
        wrong += 1
        print(f"a text byte by byte: {got}")
    for name, frames, expected in cases():
        socket = await opened()
        await write(socket, *frames)
        got = await answer(socket)
        tried += 1
        if got not in (expected if isinstance(expected, tuple) else (expected,)):
            wrong += 1
            print(f"{name}: {got} and not {expected}")
        socket.transport.abort()
    print(f"{tried} cases, {wrong} findings")
    sys.exit(bool(wrong))


asyncio.run(main())

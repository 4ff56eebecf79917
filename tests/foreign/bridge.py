"""A bridge with real credentials, and what it may not do, by nats-py.

Usage: bridge.py ADDRESS USER PASSWORD INBOX_PREFIX TENANT INBOX OTHER_TENANT OTHER_INBOX. Prints one line for each case
that is not answered as it must be, and last the number of cases; exits with 1 when there was one.
"""

import asyncio
import json
import sys
import uuid

import nats
from nats.errors import Error, NoRespondersError, TimeoutError

ADDRESS, USER, PASSWORD, PREFIX, TENANT, INBOX, OTHER_TENANT, OTHER_INBOX = sys.argv[1:9]
OWN = f"desk.in.{TENANT}.{INBOX}"
RUN = uuid.uuid4().hex[:12]
objections = []
tried, wrong = 0, 0


def check(name, holds):
    global tried, wrong
    tried += 1
    if not holds:
        wrong += 1
        print(name)


async def objected(error):
    objections.append(str(error))


def message(number, text="hello", **more):
    contact = {"id": f"{RUN}:kim", "name": "Kim"}
    return json.dumps({"v": 1, "id": f"{RUN}-{number}", "contact": contact, "text": text, **more}).encode()


async def taken(broker, subject, payload, **more):
    """Whether the log takes it."""
    try:
        answer = await broker.request(subject, payload, timeout=2, **more)
        answer = json.loads(answer.data)
        return answer.get("stream") == "INBOUND" and "error" not in answer
    except (TimeoutError, NoRespondersError):
        return False


async def refused(broker, what, action):
    """Whether the broker objects to an action, told after a round trip."""
    before = len(objections)
    try:
        await action()
        await broker.flush(timeout=5)
        await asyncio.sleep(0.02)
    except Error as error:
        objections.append(str(error))
    check(f"not refused: {what}", len(objections) > before and "ermission" in objections[-1].lower())


async def main():
    options = {"error_cb": objected, "allow_reconnect": False, "connect_timeout": 5}
    for name, user, password in [("without a name", None, None), ("with a wrong password", USER, "x"), ("as another", "core", PASSWORD)]:
        try:
            stranger = await nats.connect(ADDRESS, user=user, password=password, **options)
            await stranger.close()
            check(f"let in {name}", False)
        except Exception:
            check(name, True)

    broker = await nats.connect(ADDRESS, user=USER, password=PASSWORD, inbox_prefix=PREFIX.encode(), **options)
    for number in range(60):
        check(f"message {number} is taken", await taken(broker, OWN, message(number, f"message {number}")))
        if number % 3 == 0:
            check(f"message {number} is taken again", await taken(broker, OWN, message(number, f"message {number}")))
    for text in ["a\0b", "a\x0bb", "hi \ud83d", "你好 👩‍👩‍👧", "x" * 16_384]:
        check(f"taken: {text[:9]!r}", await taken(broker, OWN, message(uuid.uuid4().hex, text)))

    subjects = [
        f"desk.in.{TENANT}.{OTHER_INBOX}", f"desk.in.{OTHER_TENANT}.{OTHER_INBOX}", f"desk.in.{TENANT}", "desk.in", "desk.in.>",
        f"desk.in.{TENANT}.*", f"{OWN}.more", "desk.msg.0.x", "desk.live.0.x", "desk.events.x", "$JS.API.INFO", "$JS.API.STREAM.NAMES",
        "$JS.API.STREAM.INFO.INBOUND", "$JS.API.STREAM.DELETE.INBOUND", "$JS.API.STREAM.PURGE.INBOUND", "$JS.API.STREAM.CREATE.OWN",
        "$JS.API.CONSUMER.CREATE.INBOUND", "$JS.API.STREAM.MSG.GET.INBOUND", "$JS.API.DIRECT.GET.INBOUND",
        "$JS.ACK.INBOUND.ingest.1.1.1.1.0", "$SYS.REQ.SERVER.PING", "$SYS.REQ.ACCOUNT.PING.CONNZ", "$SRV.PING", "_INBOX.stranger",
        f"_INBOX_core.{RUN}",
    ]
    for subject in subjects:
        await refused(broker, f"publishing to {subject}", lambda: broker.publish(subject, b"x"))
    for subject in [">", "*", "desk.>", OWN, f"desk.in.{OTHER_TENANT}.>", "$JS.>", "$SYS.>", "$SRV.>", "_INBOX.>", "_INBOX_core.>", "desk.live.>"]:
        await refused(broker, f"subscribing to {subject}", lambda: broker.subscribe(subject))
    acknowledgement = "$JS.ACK.INBOUND.ingest.1.1.1.1.0"
    await refused(broker, "an acknowledgement", lambda: broker.publish(OWN, message(uuid.uuid4().hex), reply=acknowledgement))
    # An ordinary message: the stream answers there, and the broker lets its answer go nowhere.
    await broker.publish(OWN, message(uuid.uuid4().hex), reply="$JS.API.STREAM.PURGE.INBOUND")
    check("the stream stands", await taken(broker, OWN, message(uuid.uuid4().hex)))
    headers = {
        "Nats-Rollup": "all", "Nats-TTL": "1s", "Nats-Schedule": "@every 1s", "Nats-Incr": "1", "Nats-Expected-Stream": "MESSAGES-0",
        "Nats-Expected-Last-Msg-Id": "nothing", "Nats-Batch-Id": RUN,
    }
    for name, value in headers.items():
        check(f"taken with {name}", not await taken(broker, OWN, message(uuid.uuid4().hex), headers={name: value}))
    try:
        large = await taken(broker, OWN, message(uuid.uuid4().hex, "x" * 300_000))
    except Error:
        large = False
    check("taken: 300,000 bytes", not large)
    check("it is still connected", broker.is_connected and await taken(broker, OWN, message(uuid.uuid4().hex)))
    await broker.close()
    print(f"{tried} cases, {wrong} findings")
    sys.exit(bool(wrong))


asyncio.run(main())

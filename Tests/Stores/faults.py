#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A store of S3's kind in memory that has faults as they are wished for.

usage: faults.py    prints its port and process id once it listens, and serves on; ends with its test

It takes objects, whole or in parts, with If-None-Match; it looks at no signature, but at the clock of the signature.
What a test asks of it:

    POST /__faults?NAME=VALUE&…    sets faults; those that are not named stay as they are
        slow_down, drop, error     the share of requests that get 503, lose their connection (half of them once all is done,
                                   so that only the answer is lost), get 200 with an <Error>
        down=1                     every connection is closed as soon as it has asked
        rate                       requests a second that it takes; the others get 503; 0: all
        clock                      seconds that its clock is ahead; a signature that differs by 15 minutes gets 403
        revoked=1                  the key is known no longer: 403 for everything
        hold=1                     of each body half is taken, and the rest once it is 0 again
    GET /__held                    answers once a body is held
    POST /__cut                    loses every connection, as a sleep of the machine does
    GET /__facts                   requests, their statuses and hosts, uploads in parts that are open, objects and what they are
    GET /__quiet                   answers once there is no open upload
"""
import asyncio
import hashlib
import json
import random
import re
import time
from datetime import datetime, timezone
from email.utils import formatdate
from urllib.parse import parse_qsl, unquote, urlsplit

from detach import detach

RANDOM = random.Random(20261125)
FAULTS = {"slow_down": 0.0, "drop": 0.0, "error": 0.0, "down": 0.0, "rate": 0.0, "clock": 0.0, "revoked": 0.0, "hold": 0.0}
OBJECTS, UPLOADS = {}, {}
FACTS = {"requests": 0, "statuses": {}, "seconds": {}, "hosts": {}}
QUIET = asyncio.Condition()
HELD, CONNECTIONS = set(), set()


class Dropped(Exception):
    """The connection is to be lost."""


class Pace:
    """Takes so many requests a second, with a tenth of a second's worth in advance."""
    credit, last = 0.0, time.monotonic()

    def takes(self, rate):
        now = time.monotonic()
        self.credit = min(self.credit + (now - self.last) * rate, max(rate / 10, 1))
        self.last = now
        if self.credit < 1:
            return False
        self.credit -= 1
        return True


PACE = Pace()


def error(status, code):
    return status, {}, f"<Error><Code>{code}</Code><Message>so it is</Message></Error>".encode()


def described(item):
    return {"ETag": f'"{item["etag"]}"', "x-amz-meta-presignd-id": item["id"] or ""}


def is_late(query):
    signed = query.get("X-Amz-Date")
    if not signed:
        return False
    moment = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
    lead = moment - (time.time() + FAULTS["clock"])
    return lead > 900 or -lead > int(query.get("X-Amz-Expires", 900)) + 900


async def judged(method, path, query, headers, body):
    """What the store itself answers."""
    if FAULTS["revoked"]:
        return error(403, "InvalidAccessKeyId")
    if is_late(query):
        return error(403, "RequestTimeTooSkewed")
    upload = query.get("uploadId")
    if method == "POST" and "uploads" in query:
        name = str(len(UPLOADS) + RANDOM.randrange(1 << 40))
        UPLOADS[name] = {"path": path, "id": headers.get("x-amz-meta-presignd-id"), "parts": {}}
        return 200, {}, f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>".encode()
    if method == "GET" and "uploads" in query:
        found = "".join(f"<Upload><Key>{query.get('prefix', '')}</Key><UploadId>{name}</UploadId></Upload>"
                        for name, item in UPLOADS.items() if item["path"].endswith("/" + query.get("prefix", "")))
        return 200, {}, f"<ListMultipartUploadsResult>{found}</ListMultipartUploadsResult>".encode()
    if upload and upload not in UPLOADS:
        return error(404, "NoSuchUpload")
    if method == "PUT" and upload:
        etag = hashlib.md5(body).hexdigest()
        UPLOADS[upload]["parts"][int(query["partNumber"])] = (body, etag)
        return 200, {"ETag": f'"{etag}"'}, b""
    if method == "GET" and upload:
        parts = "".join(f'<Part><PartNumber>{number}</PartNumber><Size>{len(part)}</Size><ETag>"{etag}"</ETag></Part>'
                        for number, (part, etag) in sorted(UPLOADS[upload]["parts"].items()))
        return 200, {}, f"<ListPartsResult>{parts}</ListPartsResult>".encode()
    if method == "DELETE" and upload:
        del UPLOADS[upload]
        return 204, {}, b""
    if method == "POST" and upload:
        item = UPLOADS[upload]
        if headers.get("if-none-match") == "*" and path in OBJECTS:
            return error(412, "PreconditionFailed")
        wanted = re.findall(r"<PartNumber>(\d+)</PartNumber>.*?<ETag>(.*?)</ETag>", body.decode(), re.S)
        parts = [item["parts"].get(int(number), (b"", "")) for number, _ in wanted]
        if any(etag.strip('"').replace("&quot;", "") != part[1] for (_, etag), part in zip(wanted, parts)):
            return error(400, "InvalidPart")
        del UPLOADS[upload]
        whole = b"".join(part for part, _ in parts)
        tags = b"".join(bytes.fromhex(etag) for _, etag in parts)
        OBJECTS[path] = {"body": whole, "id": item["id"], "etag": f"{hashlib.md5(tags).hexdigest()}-{len(parts)}"}
        answer = f'<CompleteMultipartUploadResult><ETag>"{OBJECTS[path]["etag"]}"</ETag></CompleteMultipartUploadResult>'
        return 200, {}, answer.encode()
    if method == "PUT":
        if headers.get("if-none-match") == "*" and path in OBJECTS:
            return error(412, "PreconditionFailed")
        OBJECTS[path] = {"body": body, "id": headers.get("x-amz-meta-presignd-id"), "etag": hashlib.md5(body).hexdigest()}
        return 200, described(OBJECTS[path]), b""
    item = OBJECTS.get(path)
    if not item:
        return error(404, "NoSuchKey")
    whole = item["body"]
    if method == "GET" and headers.get("range") and whole:
        first, last = re.match(r"bytes=(\d+)-(\d+)", headers["range"]).groups()
        part = whole[int(first):int(last) + 1]
        return 206, described(item) | {"Content-Range": f"bytes {first}-{int(first) + len(part) - 1}/{len(whole)}"}, part
    return 200, described(item), whole


async def asked(path, query):
    """What the test asks."""
    if path == "/__faults":
        FAULTS.update({name: float(value) for name, value in query.items()})
        async with QUIET:
            QUIET.notify_all()
    if path == "/__held":
        async with QUIET:
            await QUIET.wait_for(lambda: HELD)
    if path == "/__cut":
        for writer in CONNECTIONS:
            writer.transport.abort()
    if path == "/__quiet":
        async with QUIET:
            await QUIET.wait_for(lambda: not UPLOADS)
    facts = FACTS | {"uploads": sorted(item["path"] for item in UPLOADS.values()), "now": int(time.monotonic()), "objects": {
        unquote(name).split("/", 2)[2]: [len(item["body"]), hashlib.sha256(item["body"]).hexdigest()]
        for name, item in OBJECTS.items()}}
    return 200, {}, json.dumps(facts if path == "/__facts" else {}).encode()


async def request(reader, writer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    url, length = urlsplit(target), int(headers.get("content-length", 0))
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    if url.path.startswith("/__"):
        CONNECTIONS.discard(writer)
        return method, await asked(url.path, query)
    FACTS["requests"] += 1
    asked_as = f"{method} {headers.get('host')}"
    FACTS["hosts"][asked_as] = FACTS["hosts"].get(asked_as, 0) + 1
    if FAULTS["down"]:
        raise Dropped
    fate = RANDOM.random()
    is_dropped = fate < FAULTS["drop"]
    loses_answer = is_dropped and RANDOM.random() < 0.5
    if headers.get("expect"):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if is_dropped and not loses_answer:
        await reader.readexactly(length // 2)
        raise Dropped
    body = await reader.readexactly(length // 2)
    if FAULTS["hold"] and length:
        async with QUIET:
            HELD.add(writer)
            QUIET.notify_all()
            await QUIET.wait_for(lambda: not FAULTS["hold"])
            HELD.discard(writer)
        if writer.transport.is_closing():
            raise Dropped
    body += await reader.readexactly(length - len(body))
    fate -= FAULTS["drop"]
    if FAULTS["rate"] and not PACE.takes(FAULTS["rate"]) or 0 <= fate < FAULTS["slow_down"]:
        return method, error(503, "SlowDown")
    if method in ("PUT", "POST") and 0 <= fate - FAULTS["slow_down"] < FAULTS["error"]:
        return method, error(200, "InternalError")
    answer = await judged(method, url.path, query, headers, body)
    async with QUIET:
        QUIET.notify_all()
    if loses_answer:
        raise Dropped
    return method, answer


async def serve(reader, writer):
    CONNECTIONS.add(writer)
    try:
        while True:
            method, (status, fields, body) = await request(reader, writer)
            name = f"{status}{' error' if status == 200 and body.startswith(b'<Error') else ''}"
            FACTS["statuses"][name] = FACTS["statuses"].get(name, 0) + 1
            second = FACTS["seconds"].setdefault(str(int(time.monotonic())), {})
            second[name] = second.get(name, 0) + 1
            fields = {"Content-Length": len(body), "Date": formatdate(time.time() + FAULTS["clock"], usegmt=True)} | fields
            head = f"HTTP/1.1 {status} So\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
            writer.write(head.encode() + (b"" if method == "HEAD" else body))
            await writer.drain()
    except (Dropped, asyncio.IncompleteReadError, ConnectionError):
        writer.transport.abort()
    finally:
        CONNECTIONS.discard(writer)


async def main(listener):
    server = await asyncio.start_server(serve, sock=listener, limit=1 << 20, backlog=1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    import socket
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    detach(listener.getsockname()[1])
    asyncio.run(main(listener))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the test stores do with presigned requests: facts.py, with the stores running, prints the table of README.md.

Signs by itself (standard library only), so that exactly the headers named here are signed and sent.
"""
import base64, hashlib, hmac, http.client, os, re, sys, time, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
RUN = os.environ.get("PRESIGND_STORES", os.path.join(HERE, ".run"))


def crc64nvme(data):
    crc = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x9A6C9329AC4BC9B5 if crc & 1 else 0)
    return base64.b64encode((crc ^ 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big")).decode()


class Store:
    def __init__(self, name):
        with open(os.path.join(RUN, name.lower() + ".env")) as file:
            values = dict(line.strip().split("=", 1) for line in file)
        self.name, prefix = name, name.upper()
        self.host = values[prefix + "_ENDPOINT"].removeprefix("http://")
        self.access, self.secret = values[prefix + "_ACCESS_KEY"], values[prefix + "_SECRET_KEY"]
        self.region = values[prefix + "_REGION"]

    def presign(self, method, path, headers=(), expires=300, ago=0, secret=None, access=None):
        encode = lambda text: urllib.parse.quote(text, safe="-._~")
        date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - ago))
        scope = f"{date[:8]}/{self.region}/s3/aws4_request"
        signed = sorted([("host", self.host)] + [(n.lower(), v) for n, v in headers])
        names = ";".join(n for n, _ in signed)
        query = "&".join(f"{n}={encode(v)}" for n, v in sorted({
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{access or self.access}/{scope}",
            "X-Amz-Date": date, "X-Amz-Expires": str(expires), "X-Amz-SignedHeaders": names}.items()))
        request = "\n".join([method, path, query, *(f"{n}:{v}" for n, v in signed), "", names, "UNSIGNED-PAYLOAD"])
        digest = hashlib.sha256(request.encode()).hexdigest()
        key = ("AWS4" + (secret or self.secret)).encode()
        for part in (date[:8], self.region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}"
        return f"{path}?{query}&X-Amz-Signature={hmac.new(key, text.encode(), 'sha256').hexdigest()}"

    def send(self, method, target, headers=(), body=None):
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.putrequest(method, target, skip_accept_encoding=True)
        sent = dict(headers)
        if body is not None and not any(n.lower() == "content-length" for n in sent):
            sent["Content-Length"] = str(len(body))
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        result = Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        connection.close()
        return result

    def call(self, method, path, headers=(), body=None, more=(), **options):
        """Signs `headers`, sends them and the unsigned `more`."""
        return self.send(method, self.presign(method, path, headers, **options), [*headers, *more], body)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __str__(self):
        field = lambda name: (re.search(rb"<%s>(.*?)</%s>" % (name, name), self.body, re.S) or [b"", b""])[1].decode()
        code, message = field(b"Code"), field(b"Message")
        return f"{self.status} {code}" + (f" \"{message}\"" if message else "") if code else str(self.status)

    def show(self, *names):
        return f"{self}, " + ", ".join(f"{n}: {self.headers.get(n, 'absent')}" for n in names)


DATA = b"hello, presigned world\n" * 40
CRC = ("x-amz-checksum-crc64nvme", crc64nvme(DATA))


def facts(store):
    bucket = f"/facts-{time.time_ns():x}"
    key = bucket + "/a.bin"
    call = store.call
    yield "create the bucket", call("PUT", bucket)
    yield "PUT, GET", f"{call('PUT', key, body=DATA)}, {call('GET', key)}"
    yield "the ETag is the MD5 of the body", call("HEAD", key).headers["etag"].strip('"') == hashlib.md5(DATA).hexdigest()
    target = store.presign("GET", key)
    yield "one character of the signature changed", store.send("GET", target[:-1] + ("0" if target[-1] != "0" else "1"))
    yield "PUT signed with a wrong secret", call("PUT", key, body=DATA, secret="wrong")
    yield "unknown access key id", call("GET", key, access="NOSUCHKEY00000000000")
    yield "a URL for PUT used for GET", store.send("GET", store.presign("PUT", key))
    yield "no signature", store.send("GET", key)
    yield "GET of a 1 s link, 2 s later", call("GET", key, expires=1, ago=2)
    yield "PUT of a 1 s link, 2 s later", call("PUT", key, body=DATA, expires=1, ago=2)
    ahead = [f"{minutes} min {call('GET', key, ago=-60 * minutes)}" for minutes in (10, 20, 60)]
    yield "signed in the future", "; ".join(ahead)
    yield "signed 8 days ago for 7 days", call("GET", key, expires=604800, ago=8 * 86400)
    yield "X-Amz-Expires=604801", call("GET", key, expires=604801)
    crc = call("PUT", bucket + "/crc", [CRC], DATA)
    yield "PUT, right CRC64NVME signed", crc.show("x-amz-checksum-crc64nvme", "x-amz-checksum-type")
    yield "PUT, wrong CRC64NVME signed", call("PUT", bucket + "/bad", [("x-amz-checksum-crc64nvme", crc64nvme(b"other"))], DATA)
    mode = ("x-amz-checksum-mode", "ENABLED")
    yield "HEAD, checksum-mode signed", call("HEAD", bucket + "/crc", [mode]).show("x-amz-checksum-crc64nvme")
    yield "HEAD, checksum-mode unsigned", call("HEAD", bucket + "/crc", more=[mode]).show("x-amz-checksum-crc64nvme")
    sha = ("x-amz-checksum-sha256", base64.b64encode(hashlib.sha256(DATA).digest()).decode())
    yield "PUT, right SHA-256 signed", call("PUT", bucket + "/sha", [sha], DATA).show("x-amz-checksum-sha256")
    yield "PUT, wrong SHA-256 signed", call("PUT", bucket + "/sha", [sha], DATA + b"x")
    md5 = ("content-md5", base64.b64encode(hashlib.md5(DATA).digest()).decode())
    yield "PUT, right Content-MD5 signed", call("PUT", bucket + "/md5", [md5], DATA)
    yield "PUT, wrong Content-MD5 signed", call("PUT", bucket + "/md5", [md5], DATA + b"x")
    new = ("if-none-match", "*")
    yield "PUT, If-None-Match: * signed, new key", call("PUT", bucket + "/once", [new], DATA)
    yield "the same again", call("PUT", bucket + "/once", [new], DATA)
    yield "If-None-Match signed, but not sent", store.send("PUT", store.presign("PUT", bucket + "/unsent", [new]), body=DATA)
    length = ("content-length", str(len(DATA)))
    yield "PUT, content-length signed", call("PUT", bucket + "/length", [length], DATA)
    yield "PUT, one byte more than signed", store.send("PUT", store.presign("PUT", bucket + "/length", [length]), body=DATA + b"x")
    meta = [("x-amz-meta-presignd-id", "0198c1b2"), ("content-type", "image/png"),
            ("content-disposition", 'attachment; filename="a b.png"'), ("cache-control", "private")]
    put = call("PUT", bucket + "/meta", meta, DATA)
    head = call("HEAD", bucket + "/meta")
    yield "PUT, x-amz-meta-*, type, disposition, cache signed", put
    yield "HEAD of it", "all four as sent" if all(head.headers.get(n) == v for n, v in meta) else head.show(*(n for n, _ in meta))
    yield "x-amz-meta-* changed after signing", store.send("PUT", store.presign("PUT", bucket + "/meta", meta), [("x-amz-meta-presignd-id", "other"), *meta[1:]], DATA)
    yield "x-amz-meta-* sent unsigned", call("PUT", bucket + "/meta2", more=[("x-amz-meta-extra", "1")], body=DATA)
    first = ("range", "bytes=0-0")
    yield "GET, bytes=0-0 unsigned", call("GET", key, more=[first]).show("content-range", "content-length", "etag")
    yield "GET, bytes=0-0 signed", call("GET", key, [first]).show("content-range")
    yield "GET, range beyond the end", call("GET", key, more=[("range", "bytes=99999-")]).show("content-range")
    yield "PUT of an empty object", call("PUT", bucket + "/empty", body=b"")
    yield "GET, bytes=0-0 of it", call("GET", bucket + "/empty", more=[first]).show("content-range", "content-length")
    yield "GET of it without range", call("GET", bucket + "/empty").show("content-length", "etag")
    yield "GET of a missing key", call("GET", bucket + "/missing")
    yield "HEAD of a missing key", call("HEAD", bucket + "/missing")
    yield "PUT into a missing bucket", call("PUT", "/no-such-bucket-here/a", body=DATA)
    yield "GET from a missing bucket", call("GET", "/no-such-bucket-here/a")
    yield "DELETE", call("DELETE", key)
    yield "Date header in answers", "yes" if "date" in head.headers else "no"
    yield "request id header", next((n for n in ("x-amz-request-id",) if n in head.headers), "none")


def main():
    stores = [Store(name) for name in ("LocalStack", "RGW")]
    columns = [list(facts(store)) for store in stores]
    print("| request | " + " | ".join(store.name for store in stores) + " |")
    print("|---" * (len(stores) + 1) + "|")
    for row in zip(*columns):
        print(f"| {row[0][0]} | " + " | ".join(str(value).replace("|", "\\|").strip() for _, value in row) + " |")


if __name__ == "__main__":
    sys.exit(main())

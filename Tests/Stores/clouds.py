#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for Google Cloud Storage, Azure Blob Storage and CloudFront, in one process.

They read the documentation of each scheme anew, in another language than presignd's signers, and refuse what the real
ones refuse: a wrong or ended signature, a header that is missing or not signed, a body that is not what was promised.
No real store is a program one can start; this is as near as a test on one machine comes.

    /gcs/BUCKET/KEY       XML API, V4 signatures by a service account or an HMAC key; copies, DELETE of a generation
    /azure/CONTAINER/KEY  Put Blob, Put Blob From URL, Get Blob, Delete Blob, service SAS
    /s3/BUCKET/KEY        takes any PUT, copy and DELETE: the bucket behind the network
    /cdn/KEY              CloudFront in front of /s3/media, canned policy

usage: clouds.py SETTINGS.json    prints its port and process id once it listens, and serves on; ends with its test
"""
import base64, binascii, hashlib, hmac, http.server, json, sys, threading, time
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from detach import detach

SETTINGS = json.load(open(sys.argv[1]))
OBJECTS, LOCK = {}, threading.Lock()
HASHES = {"sha1": "3021300906052b0e03021a05000414", "sha256": "3031300d060960864801650304020105000420"}


class Refused(Exception):
    def __init__(self, status, code, message=""):
        self.status, self.code, self.message = status, code, message


def require(condition, status, code, message=""):
    if not condition:
        raise Refused(status, code, message)


def rsa_verifies(modulus, signature, text, name):
    """RSASSA-PKCS1-v1_5 by hand: RFC 8017, section 8.2.2, public exponent 65537."""
    size = (modulus.bit_length() + 7) // 8
    opened = pow(int.from_bytes(signature, "big"), 65537, modulus).to_bytes(size, "big")
    tail = b"\0" + bytes.fromhex(HASHES[name]) + hashlib.new(name, text).digest()
    return opened == b"\0\1" + b"\xff" * (size - 2 - len(tail)) + tail


def copy_source(call, prefix, header):
    """The object that a copy is made of: `bucket/key`, percent-encoded."""
    key = b"/" + prefix.encode() + b"/" + unquote_to_bytes(call.headers[header].split("?")[0].lstrip("/"))
    require(key in OBJECTS, 404, "NoSuchKey")
    return OBJECTS[key]


def has_tag(kept, tag):
    return dict(kept)["ETag"] == tag


def md5(body):
    return base64.b64encode(hashlib.md5(body).digest()).decode()


def google(call):
    """"V4 signing process with your own program", Cloud Storage documentation."""
    query, headers = call.query, call.headers
    names = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"]
    require(all("X-Goog-" + name in query for name in names), 401, "AuthenticationRequired")
    signed = unquote(query["X-Goog-SignedHeaders"]).split(";")
    require("host" in signed and signed == sorted(signed), 403, "SignatureDoesNotMatch", "signed headers")
    for name in headers.keys():
        require(not name.lower().startswith("x-goog-") or name.lower() in signed, 403, "SignatureDoesNotMatch", name)
    canonical = "\n".join([
        call.command, call.raw_path,
        "&".join(sorted(f"{k}={v}" for k, v in call.pairs if k != "X-Goog-Signature")),
        "".join(f"{name}:{' '.join((headers[name] or '').split())}\n" for name in signed),
        ";".join(signed), "UNSIGNED-PAYLOAD"])
    who, scope = unquote(query["X-Goog-Credential"]).split("/", 1)
    text = "\n".join([query["X-Goog-Algorithm"], query["X-Goog-Date"], scope,
                      hashlib.sha256(canonical.encode()).hexdigest()]).encode()
    signature = bytes.fromhex(query["X-Goog-Signature"])
    if query["X-Goog-Algorithm"] == "GOOG4-RSA-SHA256":
        require(who == SETTINGS["email"], 403, "AccessDenied")
        good = rsa_verifies(int(SETTINGS["modulus"], 16), signature, text, "sha256")
    else:
        require(who == SETTINGS["id"], 403, "InvalidSecurity")
        key = ("GOOG4" + SETTINGS["secret"]).encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        good = hmac.compare_digest(hmac.digest(key, text, "sha256"), signature)
    require(good, 403, "SignatureDoesNotMatch")
    start = datetime.strptime(query["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    require(datetime.now(timezone.utc) < start + timedelta(seconds=int(query["X-Goog-Expires"])), 400, "ExpiredToken")


def put_google(call, body, old):
    headers = call.headers
    if "x-goog-copy-source" in headers:
        require(headers.get("x-goog-metadata-directive") == "REPLACE", 400, "InvalidArgument")
        body, kept, _ = copy_source(call, "gcs", "x-goog-copy-source")
        call.copied = body
        wanted = headers.get("x-goog-copy-source-generation")
        require(wanted in (None, dict(kept)["x-goog-generation"]), 404, "NoSuchKey")
        call.reply = b"<CopyObjectResult><ETag>\"CJ%d\"</ETag></CopyObjectResult>" % binascii.crc32(body)
    low, high = map(int, headers.get("x-goog-content-length-range", "0,9999999999").split(","))
    require(low <= len(body) <= high, 400, "EntityTooLarge")
    require(headers.get("content-md5", md5(body)) == md5(body), 400, "BadDigest")
    require(headers.get("x-goog-if-generation-match") != "0" or old is None, 412, "PreconditionFailed")
    kept = [("ETag", '"CJ%s"' % binascii.crc32(body)), ("x-goog-generation", str(time.time_ns() // 1000)),
            ("x-goog-hash", "crc32c=AAAAAA=="), ("x-goog-hash", "md5=" + md5(body)),
            ("x-goog-meta-presignd-id", headers["x-goog-meta-presignd-id"])]
    return 200, kept, [("Content-Type", headers["content-type"]),
                       ("Content-Disposition", headers["content-disposition"])]


def azure(call):
    """"Create a service SAS", Azure Storage REST API, version 2020-12-06 and later."""
    value = lambda name: unquote(call.query.get(name, ""))
    resource = b"/blob/" + SETTINGS["account"].encode() + unquote_to_bytes(call.raw_path[len("/azure"):])
    lines = [value("sp"), value("st"), value("se"), None, value("si"), value("sip"), value("spr"), value("sv"),
             value("sr"), value("versionid") or value("snapshot"), value("ses")]
    lines += [value(name) for name in ("rscc", "rscd", "rsce", "rscl", "rsct")]
    text = b"\n".join(resource if line is None else line.encode() for line in lines)
    wanted = base64.b64encode(hmac.digest(base64.b64decode(SETTINGS["key"]), text, "sha256")).decode()
    require(hmac.compare_digest(wanted, value("sig")), 403, "AuthenticationFailed", "Signature did not match.")
    end = datetime.strptime(value("se"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    require(datetime.now(timezone.utc) < end, 403, "AuthenticationFailed",
            "Signature not valid in the specified time frame")
    right = {"GET": "r", "HEAD": "r", "PUT": "c", "DELETE": "x" if value("versionid") else "d"}[call.command]
    require(right in value("sp"), 403, "AuthorizationPermissionMismatch")
    require(call.command == "GET" or call.headers.get("x-ms-version"), 400, "MissingRequiredHeader")


def put_azure(call, body, old):
    headers = call.headers
    if "x-ms-copy-source" in headers:
        source = urlsplit(headers["x-ms-copy-source"])
        pairs = dict(part.partition("=")[::2] for part in source.query.split("&"))
        try:
            azure(SimpleNamespace(command="GET", raw_path=source.path, query=pairs, headers={}))
        except Refused as refused:
            raise Refused(403, "CannotVerifyCopySource", refused.code)
        require(unquote_to_bytes(source.path) in OBJECTS, 404, "CannotVerifyCopySource")
        require(not body, 400, "InvalidHeaderValue")
        body, kept, _ = OBJECTS[unquote_to_bytes(source.path)]
        call.copied = body
        require(has_tag(kept, headers.get("x-ms-source-if-match")), 412, "SourceConditionNotMet")
    require(headers.get("x-ms-blob-type") == "BlockBlob", 400, "MissingRequiredHeader", "x-ms-blob-type")
    require(headers.get("content-md5", md5(body)) == md5(body), 400, "Md5Mismatch")
    require(old is None or headers.get("if-none-match") != "*", 409, "BlobAlreadyExists")
    require(old is None or "w" in call.query["sp"], 403, "UnauthorizedBlobOverwrite")
    kept = [("ETag", '"0x%X"' % time.time_ns()), ("x-ms-meta-presignd_id", headers["x-ms-meta-presignd_id"]),
            ("Content-MD5", md5(body))]
    return 201, kept, [("Content-Type", headers["x-ms-blob-content-type"]),
                       ("Content-Disposition", headers["x-ms-blob-content-disposition"])]


def network(call):
    """"Create a signed URL using a canned policy", CloudFront Developer Guide."""
    require("Key-Pair-Id" in call.query, 403, "MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
    require(call.query["Key-Pair-Id"] == SETTINGS["pair"], 403, "InvalidKey", "Unknown Key")
    url = f"http://{call.headers['host']}{call.raw_path}"
    policy = ('{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%s}}}]}'
              % (url, call.query["Expires"])).encode()
    signature = base64.b64decode(call.query["Signature"].translate(str.maketrans("-_~", "+=/")))
    good = rsa_verifies(int(SETTINGS["modulus"], 16), signature, policy, "sha1")
    require(good and time.time() < int(call.query["Expires"]), 403, "AccessDenied", "Access denied")


def put_s3(call, body, old):
    if "x-amz-copy-source" in call.headers:
        body, kept, _ = copy_source(call, "s3", "x-amz-copy-source")
        call.copied = body
        require(has_tag(kept, call.headers.get("x-amz-copy-source-if-match")), 412, "PreconditionFailed")
        call.reply = b"<CopyObjectResult></CopyObjectResult>"
    return 200, [("ETag", '"%s"' % hashlib.md5(body).hexdigest())], [("Content-Type", call.headers["content-type"])]


KINDS = {"gcs": (google, put_google), "azure": (azure, put_azure), "s3": (None, put_s3), "cdn": (network, None)}
MISSING = {"azure": "BlobNotFound"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_any(self):
        self.raw_path, _, text = self.path.partition("?")
        self.pairs = [tuple(part.partition("=")[::2]) for part in text.split("&") if part]
        self.query = dict(self.pairs)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            self.serve(body)
        except Refused as refused:
            text = f"<?xml version='1.0'?><Error><Code>{refused.code}</Code><Message>{refused.message}</Message></Error>"
            self.answer(refused.status, [("x-ms-error-code", refused.code)], text.encode())

    do_GET = do_PUT = do_HEAD = do_DELETE = handle_any
    reply, copied = b"", None

    def serve(self, body):
        kind = self.raw_path.split("/")[1]
        check, put = KINDS[kind]
        if check:
            check(self)
        key = unquote_to_bytes(self.raw_path)
        if kind == "cdn":
            key = b"/s3/media" + key[len("/cdn"):]
        with LOCK:
            old = OBJECTS.get(key)
            if self.command == "PUT":
                status, kept, more = put(self, body, old)
                OBJECTS[key] = (body if self.copied is None else self.copied, kept, more)
                return self.answer(status, kept, self.reply)
            if self.command == "DELETE":
                require(old is not None, 404, MISSING.get(kind, "NoSuchKey"))
                wanted = self.query.get("generation")
                require(wanted in (None, dict(old[1]).get("x-goog-generation")), 404, "NoSuchKey")
                require(has_tag(old[1], self.headers.get("if-match", dict(old[1])["ETag"])), 412, "ConditionNotMet")
                del OBJECTS[key]
                return self.answer(202 if kind == "azure" else 204, [], b"")
        require(old is not None, 404, MISSING.get(kind, "NoSuchKey"))
        data, kept, more = old
        if self.headers.get("range") == "bytes=0-0":
            require(data, 416, "InvalidRange")
            more = more + [("Content-Range", f"bytes 0-0/{len(data)}")]
            return self.answer(206, kept + more, data[:1])
        self.answer(200, kept + more, data)

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
detach(server.server_port)
server.serve_forever()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A store that takes uploads in parts and keeps their sizes and checksums, not their bytes.

It says nothing to part N and those after while the file HOLD exists, so that a test can end the client
at a known point: parts.py HOLD N LOG. It prints its port and its process id; LOG gets a line
`METHOD kind number` for each request. Signatures are not its business: real servers judge those.
"""
import hashlib
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from detach import detach

hold, first_held, log_path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
lock = threading.Lock()
uploads, objects, count = {}, {}, [0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", headers.get("length", len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code></Error>".encode())

    def digest(self):
        left, md5 = int(self.headers.get("Content-Length") or 0), hashlib.md5()
        while left > 0:
            block = self.rfile.read(min(left, 1 << 20))
            if not block:
                raise ConnectionError
            md5.update(block)
            left -= len(block)
        return md5

    def serve(self):
        url = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(url.query, keep_blank_values=True).items()}
        number, upload = query.get("partNumber"), query.get("uploadId")
        kind = "part" if number else "upload" if upload else "uploads" if "uploads" in query else "object"
        with lock, open(log_path, "a") as log:
            log.write(f"{self.command} {kind} {number or 0}\n")
        if self.command == "POST" and kind == "uploads":
            with lock:
                count[0] += 1
                uploads[str(count[0])] = {}
            name = str(count[0])
            uploads[name]["id"] = self.headers.get("x-amz-meta-presignd-id")
            return self.answer(200, (
                f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId>"
                "</InitiateMultipartUploadResult>").encode())
        if upload and upload not in uploads:
            self.digest()
            return self.error(404, "NoSuchUpload")
        if kind == "part":
            md5 = self.digest().hexdigest()
            if int(number) >= first_held:
                while os.path.exists(hold):
                    threading.Event().wait(0.05)
            size = int(self.headers["Content-Length"])
            with lock:
                uploads[upload][int(number)] = (size, md5, self.headers.get("x-amz-checksum-crc64nvme"))
            return self.answer(200, ETag=f'"{md5}"')
        if self.command == "GET" and upload:
            parts = "".join(
                f"<Part><PartNumber>{n}</PartNumber><Size>{p[0]}</Size><ETag>\"{p[1]}\"</ETag></Part>"
                for n, p in sorted((n, p) for n, p in uploads[upload].items() if n != "id"))
            return self.answer(200, f"<ListPartsResult>{parts}</ListPartsResult>".encode())
        if self.command == "GET" and kind == "uploads":
            found = "".join(
                f"<Upload><Key>{url.path}</Key><UploadId>{u}</UploadId></Upload>" for u in uploads)
            return self.answer(200, f"<ListMultipartUploadsResult>{found}</ListMultipartUploadsResult>".encode())
        if self.command == "DELETE" and upload:
            uploads.pop(upload, None)
            return self.answer(204)
        if self.command == "POST" and upload:
            length = int(self.headers["Content-Length"])
            wanted = [int(n) for n in re.findall(r"<PartNumber>(\d+)", self.rfile.read(length).decode())]
            parts = uploads.pop(upload)
            size = sum(parts[n][0] for n in wanted)
            objects[url.path] = (size, f"{hashlib.md5(str(parts).encode()).hexdigest()}-{len(wanted)}", parts["id"])
            return self.answer(200, (
                f'<CompleteMultipartUploadResult><ETag>"{objects[url.path][1]}"</ETag>'
                "</CompleteMultipartUploadResult>").encode())
        found = objects.get(url.path)
        if not found:
            self.digest()
            return self.error(404, "NoSuchKey")
        if self.command == "GET" and self.headers.get("Range"):
            return self.answer(206, b"\0", ETag=f'"{found[1]}"', Content_Range=f"bytes 0-0/{found[0]}")
        return self.answer(200, ETag=f'"{found[1]}"', length=found[0], x_amz_meta_presignd_id=found[2])

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = serve


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
detach(server.server_address[1])
server.serve_forever()

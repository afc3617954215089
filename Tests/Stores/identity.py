#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An identity provider of OpenID Connect, as Kubernetes or a CI service has one, for Ceph's STS to check tokens of.

Makes an RSA key by openssl, writes FOLDER/token (signed by RS256, good for an hour, for the client `presignd`) and serves
the provider's two documents.

usage: identity.py FOLDER    prints its port, its process id and the SHA-1 of its certificate once it listens, and serves
on; ends with its test
"""
import base64, hashlib, http.server, json, os, ssl, subprocess, sys, time

from detach import detach

FOLDER = sys.argv[1]
KEY, CERTIFICATE = os.path.join(FOLDER, "identity.pem"), os.path.join(FOLDER, "identity.crt")


def openssl(*words, text=None):
    return subprocess.run(["openssl", *words], input=text, check=True, capture_output=True).stdout


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", KEY, "-out", CERTIFICATE, "-days", "1", "-subj", "/CN=identity")
with open(CERTIFICATE) as file:
    der = ssl.PEM_cert_to_DER_cert(file.read())
modulus = bytes.fromhex(openssl("x509", "-noout", "-modulus", "-in", CERTIFICATE).decode().strip().partition("=")[2])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(DOCUMENTS.get(self.path, {})).encode()
        self.send_response(200 if self.path in DOCUMENTS else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
ISSUER = f"http://127.0.0.1:{server.server_port}"
DOCUMENTS = {
    "/.well-known/openid-configuration": {"issuer": ISSUER, "jwks_uri": ISSUER + "/keys"},
    "/keys": {"keys": [{"kid": "1", "kty": "RSA", "alg": "RS256", "use": "sig", "n": encoded(modulus), "e": "AQAB",
                        "x5c": [base64.b64encode(der).decode()]}]},
}
now = int(time.time())
claims = {"iss": ISSUER, "aud": "presignd", "azp": "presignd", "client_id": "presignd", "sub": "test", "iat": now, "exp": now + 3600}
text = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT", "kid": "1"}, claims))
signature = openssl("dgst", "-sha256", "-sign", KEY, text=text.encode())
with open(os.path.join(FOLDER, "token"), "w") as file:
    file.write(text + "." + encoded(signature))
detach(server.server_port, hashlib.sha1(der).hexdigest().upper())
server.serve_forever()

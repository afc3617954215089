#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vectors.py FOLDER [PRESIGND]: signs every case of FOLDER/*.json by `presign --batch` and judges the URLs.

For vectors that cannot be part of the project. A file is an object with `cases`, each with `id`, `input` (a line of
the batch) and `expect.url`; CloudFront's also with `expect.public_key` (`n` in hexadecimal, `e`). Files of another
form are passed over. Standard library only. Ends with 1 if a case fails.
"""
import base64, glob, hashlib, json, os, re, subprocess, sys
from urllib.parse import unquote_to_bytes, urlsplit

SCHEMES = {"sigv4", "sigv2", "gcs-v4", "azure-sas", "cloudfront"}
PORTS = {"http": 80, "https": 443}
SHA1 = bytes.fromhex("3021300906052b0e03021a05000414")


def parameters(query):
    pairs = []
    for part in query.split("&") if query else []:
        name, _, value = part.partition("=")
        pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    return sorted(pairs)


def well_formed(url):
    return (all(0x21 <= ord(c) <= 0x7e for c in url) and "#" not in url and "+" not in url.partition("?")[2]
            and not re.search(r"%(?![0-9A-Fa-f]{2})", url))


def place(url):
    parts = urlsplit(url)
    return parts.scheme, parts.hostname.lower(), parts.port or PORTS[parts.scheme], url.partition("?")[0].split("/", 3)[3:]


def signed_by(key, text, signature):
    n, e = int(str(key["n"]), 16), int(key["e"])
    size = (n.bit_length() + 7) // 8
    digest = SHA1 + hashlib.sha1(text).digest()
    padded = b"\0\1" + b"\xff" * (size - 3 - len(digest)) + b"\0" + digest
    return pow(int.from_bytes(signature, "big"), e, n).to_bytes(size, "big") == padded


def unsafe(text):
    return base64.b64decode(text.replace(b"-", b"+").replace(b"_", b"=").replace(b"~", b"/"))


def cloudfront_equal(case, got, wanted):
    signature = unsafe(dict(got).get(b"Signature", b""))
    policy = unsafe(dict(got)[b"Policy"]) if b"Policy" in dict(got) else case["expect"]["policy"].encode()
    drop = lambda pairs: [(k, v) for k, v in pairs if k not in (b"Signature", b"Policy")]
    return (drop(got) == drop(wanted) and (b"Policy" in dict(got)) == (b"Policy" in dict(wanted))
            and json.loads(policy) == json.loads(case["expect"]["policy"])
            and signed_by(case["expect"]["public_key"], policy, signature))


def equal(case, url):
    wanted = case["expect"]["url"]
    if not well_formed(url) or place(url) != place(wanted):
        return False
    got, want = parameters(url.partition("?")[2]), parameters(wanted.partition("?")[2])
    scheme = case["input"]["scheme"]
    if scheme == "cloudfront":
        return cloudfront_equal(case, got, want)
    if scheme == "sigv2":
        repeated = {name.lower().encode() for name in case["input"].get("headers", {})}
        got, want = ([p for p in pairs if p[0].lower() not in repeated] for pairs in (got, want))
    return got == want


def main():
    folder = sys.argv[1]
    presignd = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(__file__), "../.build/release/presignd")
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        with open(path) as file:
            cases = json.load(file).get("cases", [])
        cases = [case for case in cases if isinstance(case.get("input"), dict) and case["input"].get("scheme") in SCHEMES]
        if not cases:
            continue
        lines = "".join(json.dumps(case["input"]) + "\n" for case in cases)
        run = subprocess.run([presignd, "presign", "--batch"], input=lines, capture_output=True, text=True)
        answers = [json.loads(line) for line in run.stdout.splitlines()]
        if len(answers) != len(cases):
            sys.exit(f"{path}: {len(answers)} answers to {len(cases)} lines: {run.stderr}")
        bad = [(case, answer) for case, answer in zip(cases, answers)
               if "url" not in answer or not equal(case, answer["url"])]
        for case, answer in bad[:5]:
            print(f"{case['id']}: {answer.get('error') or answer['url']}\n  wanted {case['expect']['url']}")
        print(f"{os.path.basename(path)}: {len(cases) - len(bad)} of {len(cases)}")
        passed, failed = passed + len(cases) - len(bad), failed + len(bad)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()

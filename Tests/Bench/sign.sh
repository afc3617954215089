#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Signing alone, in one thread: URLs a CPU second beside a signer in plain C (presign.c, the bound), boto3 and minio-go where
# they are installed (bench.sh peers), and RSA beside openssl's own figure. Rounds alternate; each figure is the median.
# BENCH_URLS: how many (1000000); BENCH_ROUNDS: rounds (3)
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
RUN=$HERE/.run
RELEASE=$HERE/../../.build/release
URLS=${BENCH_URLS:-1000000}
ROUNDS=${BENCH_ROUNDS:-3}
mkdir -p "$RUN"
CC=$(command -v cc || command -v gcc || command -v clang) || { echo "bench: needs a C compiler (gcc)" >&2; exit 69; }
"$CC" -O2 -std=c11 -Wall -Wextra -o "$RUN/presign" "$HERE/presign.c" -lcrypto

median() { sort -n | awk '{ line[NR] = $1 } END { print line[int((NR + 1) / 2)] }'; }

for ((round = 0; round < ROUNDS; round++)); do
  "$RELEASE/SignBench" v4 "$URLS" >>"$RUN/sign.swift.$$"
  "$RUN/presign" "$URLS" >>"$RUN/sign.c.$$"
done
swift=$(median <"$RUN/sign.swift.$$")
c=$(median <"$RUN/sign.c.$$")
rm -f "$RUN/sign.swift.$$" "$RUN/sign.c.$$"

row() { awk -v name="$1" -v rate="$2" -v base="$3" 'BEGIN { printf "| %s | %d | %.4g x |\n", name, rate, base / rate }'; }
echo
echo "| SigV4 GET, other keys | URLs/CPU s | presignd is |"
echo "|---|---|---|"
row "presignd" "$swift" "$swift"
row "C on OpenSSL's EVP" "$c" "$swift"
for python in "$RUN/peers/bin/python" python3; do
  command -v "$python" >/dev/null && "$python" -c 'import boto3' 2>/dev/null || continue
  row "boto3" "$("$python" "$HERE/presign_boto.py" 10000)" "$swift"
  break
done
if command -v go >/dev/null && [ -d /usr/share/gocode/src/github.com/minio/minio-go ]; then
  [ -x "$RUN/peers/bin/minio-go-presign" ] || {
    mkdir -p "$RUN/peers/bin"
    GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$RUN/gocache \
      go build -o "$RUN/peers/bin/minio-go-presign" "$HERE/presign_minio.go"
    rm -rf "$RUN/gocache"
  }
  row "minio-go" "$("$RUN/peers/bin/minio-go-presign" 100000)" "$swift"
fi

if command -v openssl >/dev/null; then
  openssl genrsa -out "$RUN/rsa.pem" 2048 2>/dev/null
  rsa=$("$RELEASE/SignBench" rsa 10000 "$RUN/rsa.pem" | awk '{ print $1 }')
  bound=$(openssl speed -seconds 3 rsa2048 2>/dev/null | awk '/^rsa 2048/ { print int($6) }')
  rm -f "$RUN/rsa.pem"
  awk -v rsa="$rsa" -v bound="$bound" 'BEGIN {
    printf "\nRSA-2048 (gcs-v4): %d URLs/CPU s, openssl speed signs %d/s: %.2f x its time (aim 1.2)\n", rsa, bound, bound / rsa }'
fi

# The checksum that every byte goes through, on the same terms.
CRC=("$CC" -O2 -std=c11 -Wall -Wextra -I "$HERE/../../Sources/CLinux/include" -o "$RUN/crc"
  "$HERE/crc.c" "$HERE/../../Sources/CLinux/crc64nvme.c")
"${CRC[@]}" -lz 2>/dev/null || "${CRC[@]}"
"$RUN/crc"

// SPDX-License-Identifier: Apache-2.0
// The bound for SignBench: the same URLs, signed by plain C on OpenSSL's EVP. `presign COUNT` prints URLs a CPU second.
// Like the signer it is compared with, it keeps what a day and a second share and starts each HMAC from a copy.
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char HOST[] = "s3.us-east-1.amazonaws.com";
static const char DATE[] = "20260101T000000Z";
static const char SCOPE[] = "20260101/us-east-1/s3/aws4_request";
static const char QUERY[] =
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIABENCH%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host";

static EVP_MD_CTX *work, *inner, *outer;

static char *put(char *at, const void *text, size_t count) {
    memcpy(at, text, count);
    return at + count;
}

static char *put_hex(char *at, const unsigned char *bytes) {
    for (int i = 0; i < 32; i++) {
        *at++ = "0123456789abcdef"[bytes[i] >> 4];
        *at++ = "0123456789abcdef"[bytes[i] & 15];
    }
    return at;
}

// Begins HMAC: contexts that have taken in the key with each pad.
static void set_key(const unsigned char *key, size_t count) {
    unsigned char pad[64];
    for (int side = 0; side < 2; side++) {
        memset(pad, 0, sizeof pad);
        memcpy(pad, key, count);
        for (int i = 0; i < 64; i++) pad[i] ^= side ? 0x5c : 0x36;
        EVP_DigestInit_ex(side ? outer : inner, EVP_sha256(), NULL);
        EVP_DigestUpdate(side ? outer : inner, pad, sizeof pad);
    }
}

static void hmac(const void *text, size_t count, unsigned char *code) {
    unsigned char digest[32];
    EVP_MD_CTX_copy_ex(work, inner);
    EVP_DigestUpdate(work, text, count);
    EVP_DigestFinal_ex(work, digest, NULL);
    EVP_MD_CTX_copy_ex(work, outer);
    EVP_DigestUpdate(work, digest, sizeof digest);
    EVP_DigestFinal_ex(work, code, NULL);
}

static size_t sign(long number, char *url) {
    char canonical[1024], text[256], name[64];
    unsigned char digest[32], code[32];
    size_t length = (size_t)snprintf(name, sizeof name, "/bench/2026/reports/file-%07ld", number);
    char *at = put(canonical, "GET\n", 4);
    at = put(at, name, length);
    *at++ = '\n';
    at = put(at, QUERY, sizeof QUERY - 1);
    at = put(at, "\nhost:", 6);
    at = put(at, HOST, sizeof HOST - 1);
    at = put(at, "\n\nhost\nUNSIGNED-PAYLOAD", 23);
    EVP_DigestInit_ex(work, EVP_sha256(), NULL);
    EVP_DigestUpdate(work, canonical, (size_t)(at - canonical));
    EVP_DigestFinal_ex(work, digest, NULL);
    at = put(text, "AWS4-HMAC-SHA256\n", 17);
    at = put(at, DATE, sizeof DATE - 1);
    *at++ = '\n';
    at = put(at, SCOPE, sizeof SCOPE - 1);
    *at++ = '\n';
    at = put_hex(at, digest);
    hmac(text, (size_t)(at - text), code);
    at = put(url, "https://", 8);
    at = put(at, HOST, sizeof HOST - 1);
    at = put(at, name, length);
    *at++ = '?';
    at = put(at, QUERY, sizeof QUERY - 1);
    at = put(at, "&X-Amz-Signature=", 17);
    at = put_hex(at, code);
    *at = 0;
    return (size_t)(at - url);
}

int main(int count, char **arguments) {
    long wanted = count > 1 ? atol(arguments[1]) : 1000000, bytes = 0;
    unsigned char key[32];
    const char *steps[] = {"20260101", "us-east-1", "s3", "aws4_request"};
    work = EVP_MD_CTX_new(), inner = EVP_MD_CTX_new(), outer = EVP_MD_CTX_new();
    set_key((const unsigned char *)"AWS4benchsecret", 15);
    for (int i = 0; i < 4; i++) {
        hmac(steps[i], strlen(steps[i]), key);
        set_key(key, sizeof key);
    }
    char url[1024];
    if (count > 2) return sign(0, url), puts(url), 0;
    clock_t started = clock();
    for (long number = 0; number < wanted; number++) bytes += (long)sign(number, url);
    printf("%ld %ld\n", (long)((double)wanted / ((double)(clock() - started) / CLOCKS_PER_SEC)), bytes / wanted);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// OpenSSL's RSA behind three calls: EVP only, nothing deprecated, no key ever read from a terminal.
#ifndef PRESIGND_COPENSSL_SHIM_H
#define PRESIGND_COPENSSL_SHIM_H

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

/// Answers the question for a passphrase with none; OpenSSL's own callback would ask the terminal.
static inline int copenssl_no_passphrase(char *buffer, int size, int writing, void *data) {
    (void)buffer, (void)size, (void)writing, (void)data;
    return 0;
}

/// Reads a private key in PEM (PKCS#8 or PKCS#1) that is not encrypted; NULL if it is none of RSA.
/// The caller frees it with `EVP_PKEY_free`.
static inline EVP_PKEY *copenssl_read_rsa_key(const void *pem, size_t count) {
    if (count > INT_MAX) return NULL;
    BIO *source = BIO_new_mem_buf(pem, (int)count);
    if (source == NULL) return NULL;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(source, NULL, copenssl_no_passphrase, NULL);
    BIO_free(source);
    if (key != NULL && EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    ERR_clear_error();
    return key;
}

/// Signs by RSA PKCS #1 v1.5 (RFC 8017, section 8.2); returns the signature's size, 0 on failure.
/// `signature` has room for `EVP_PKEY_get_size(key)` bytes.
static inline size_t copenssl_sign(
    EVP_PKEY *key, const EVP_MD *digest, const void *text, size_t count, void *signature, size_t room
) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) return 0;
    size_t size = room;
    int is_signed = EVP_DigestSignInit(context, NULL, digest, NULL, key) == 1
        && EVP_DigestSign(context, signature, &size, text, count) == 1;
    EVP_MD_CTX_free(context);
    if (!is_signed) ERR_clear_error();
    return is_signed ? size : 0;
}

/// Verifies what `copenssl_sign` makes; the key's public half is enough.
static inline int copenssl_verify(
    EVP_PKEY *key, const EVP_MD *digest, const void *text, size_t count,
    const void *signature, size_t size
) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) return 0;
    int is_good = EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1
        && EVP_DigestVerify(context, signature, size, text, count) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return is_good;
}

#endif

// SPDX-License-Identifier: Apache-2.0
// Typed doors to libcurl's variadic functions, which Swift cannot call, and to one union.
#ifndef PRESIGND_CCURL_SHIM_H
#define PRESIGND_CCURL_SHIM_H

#include <curl/curl.h>
#include <netinet/in.h>

/// Sets an option that takes a `long`.
static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

/// Sets an option that takes a `curl_off_t` (the ones named `_LARGE`).
static inline CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

/// Sets an option that keeps the pointer itself: data of a callback, POSTFIELDS, ERRORBUFFER.
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

/// Sets an option that copies a string; NULL sets it back.
static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

/// Sets the list of headers, which must outlive the transfer.
static inline CURLcode ccurl_set_headers(CURL *easy, struct curl_slist *list) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

/// Sets a callback that moves bytes: WRITEFUNCTION, HEADERFUNCTION or READFUNCTION.
static inline CURLcode ccurl_set_mover(
    CURL *easy, CURLoption option, size_t (*move)(char *, size_t, size_t, void *)
) {
    return curl_easy_setopt(easy, option, move);
}

/// Sets the callback that goes back in the body.
static inline CURLcode ccurl_set_seek(CURL *easy, int (*seek)(void *, curl_off_t, int)) {
    return curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek);
}

/// Sets the callback that runs once a transfer has its connection.
static inline CURLcode ccurl_set_connected(
    CURL *easy, int (*connected)(void *, char *, char *, int, int)
) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, connected);
}

/// Sets the callback that runs before a name is looked up (not when the answer is known).
static inline CURLcode ccurl_set_resolving(CURL *easy, int (*resolving)(void *, void *, void *)) {
    return curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, resolving);
}

/// Sets the callback that makes a socket.
static inline CURLcode ccurl_set_open(
    CURL *easy, curl_socket_t (*open)(void *, curlsocktype, struct curl_sockaddr *)
) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open);
}

/// The bytes of an IP address in network order, 4 or 16 of them; none for another family.
static inline const unsigned char *ccurl_address(
    const struct curl_sockaddr *address, size_t *length
) {
    const struct sockaddr *general = &address->addr;
    *length = address->family == AF_INET ? 4 : address->family == AF_INET6 ? 16 : 0;
    if (address->family == AF_INET)
        return (const unsigned char *)&((const struct sockaddr_in *)general)->sin_addr;
    return (const unsigned char *)&((const struct sockaddr_in6 *)general)->sin6_addr;
}

/// Sets the callback that closes a socket; its data must outlive the connection.
static inline CURLcode ccurl_set_close(CURL *easy, int (*close)(void *, curl_socket_t)) {
    return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close);
}

/// Sets an option of a multi handle that takes a `long`.
static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// Reads a `long`; -1 if libcurl has none.
static inline long ccurl_get_long(CURL *easy, CURLINFO info) {
    long value = -1;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : -1;
}

/// Reads a `curl_off_t`; -1 if libcurl has none.
static inline curl_off_t ccurl_get_offset(CURL *easy, CURLINFO info) {
    curl_off_t value = -1;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : -1;
}

/// Reads a string that belongs to the handle; NULL if libcurl has none.
static inline const char *ccurl_get_string(CURL *easy, CURLINFO info) {
    char *value = NULL;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : NULL;
}

/// Reads the pointer set as CURLOPT_PRIVATE.
static inline void *ccurl_get_private(CURL *easy) {
    char *value = NULL;
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

/// Reads the result out of the union in a message of kind CURLMSG_DONE.
static inline CURLcode ccurl_message_result(const CURLMsg *message) {
    return message->data.result;
}

#endif

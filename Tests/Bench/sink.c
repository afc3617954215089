// SPDX-License-Identifier: Apache-2.0
// An object store for measuring clients: speaks enough of S3 on 127.0.0.1, keeps bodies in memory, checks no signature.
//
//   cc -O2 -o sink sink.c && ./sink [port [ms]]     port 0 or none: any free one; the first line printed names it
//                                                   ms: the time from a request to its answer, as of a store far away
//
//   PUT /bucket/key     200, with an ETag that is no MD5 and the x-amz-checksum-crc64nvme that was sent;
//                       412 with If-None-Match: * when the key is there; an aws-chunked body stays wrapped
//   GET, HEAD           200, 206 with Range, 416, 404; a bucket lists as empty
//   DELETE              204
//   ?uploads, ?partNumber=N, ?uploadId=…     an upload in parts, of which nothing is kept but its size
//
// A body of more than 1 MiB is read and dropped, so that measuring a large file does not measure this store's memory;
// a GET of it is 500.
//   GET /__stats        counters and own CPU seconds as JSON       POST /__reset   forget objects and counters
//
// One thread, one epoll loop, level-triggered. A connection reads a head, then a body, then answers.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_LIMIT = 16384, ANSWER_LIMIT = 1024, BUCKETS = 1 << 16, EVENTS = 256, KEPT = 1 << 20 };

typedef struct object {
    struct object *next; // in its bucket of the table
    char *key, *body;
    size_t size;
    uint64_t number; // makes the ETag
    int holders;     // the table, and answers that are being sent
    char checksum[32];
} object;

typedef struct connection {
    int fd;
    bool closing, writing;
    // While its answer is on a long way: when that is over, and who comes after it in that line.
    int64_t due;
    struct connection *after;
    // The head as it came, and bytes behind it that belong to the body or the next request.
    char head[HEAD_LIMIT + 1];
    size_t filled, headEnd; // headEnd 0: the head is not whole
    char *method, *path, *query, *fields;
    char *body;
    size_t bodySize, bodyFilled;
    // The answer: text, then `left` bytes of `sending` from `from`.
    char answer[ANSWER_LIMIT];
    size_t answerSize, answerSent;
    object *sending;
    size_t from, left;
} connection;

static object *table[BUCKETS];
static int poller;
static uint64_t nextNumber;
static int64_t latency; // nanoseconds
static connection *delayed, **lastDelayed = &delayed;
static struct { uint64_t requests, connections, puts, gets, objects, refused, bytesIn, bytesOut; } count;

// MARK: objects

static size_t bucketOf(const char *key) {
    uint64_t hash = 14695981039346656037u;
    for (; *key; key++) hash = (hash ^ (unsigned char)*key) * 1099511628211u;
    return (hash ^ hash >> 32) % BUCKETS;
}

static object **find(const char *key) {
    object **place = &table[bucketOf(key)];
    while (*place && strcmp((*place)->key, key)) place = &(*place)->next;
    return place;
}

static void release(object *o) {
    if (!o || --o->holders) return;
    free(o->key);
    free(o->body);
    free(o);
}

static void removeObject(const char *key) {
    object **place = find(key), *old = *place;
    if (!old) return;
    *place = old->next;
    release(old);
    count.objects--;
}

// Takes over the body.
static object *store(const char *key, char *body, size_t size, const char *checksum) {
    removeObject(key);
    object *o = calloc(1, sizeof *o);
    object **place = find(key);
    if (!o || !(o->key = strdup(key))) abort();
    o->body = body;
    o->size = size;
    o->number = ++nextNumber;
    o->holders = 1;
    snprintf(o->checksum, sizeof o->checksum, "%s", checksum ? checksum : "");
    *place = o;
    count.objects++;
    return o;
}

// MARK: requests

// The value of a header field, cut off in place; NULL when it is not there. Fields end in \r\n, the last one twice.
static const char *field(connection *c, const char *name, char *buffer, size_t room) {
    size_t length = strlen(name);
    for (char *line = c->fields; *line && *line != '\r';) {
        char *end = strstr(line, "\r\n");
        if (!end) break;
        if (!strncasecmp(line, name, length) && line[length] == ':') {
            char *value = line + length + 1;
            while (*value == ' ' || *value == '\t') value++;
            snprintf(buffer, room, "%.*s", (int)(end - value), value);
            return buffer;
        }
        line = end + 2;
    }
    return NULL;
}

static void answer(connection *c, const char *status, const char *fields, size_t length) {
    c->answerSent = 0;
    int n = snprintf(c->answer, ANSWER_LIMIT, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s%s\r\n", status, length,
                     c->closing ? "Connection: close\r\n" : "", fields);
    c->answerSize = n < ANSWER_LIMIT ? (size_t)n : ANSWER_LIMIT - 1;
}

static void answerText(connection *c, const char *status, const char *type, const char *text) {
    char line[64];
    snprintf(line, sizeof line, "Content-Type: %s\r\n", type);
    answer(c, status, line, strlen(text));
    if (strcmp(c->method, "HEAD"))
        c->answerSize += (size_t)snprintf(c->answer + c->answerSize, ANSWER_LIMIT - c->answerSize, "%s", text);
}

static void answerError(connection *c, const char *status, const char *code) {
    char text[256];
    count.refused++;
    snprintf(text, sizeof text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code></Error>", code);
    answerText(c, status, "application/xml", text);
}

static void describe(const object *o, char *fields, size_t room) {
    int n = snprintf(fields, room, "ETag: \"%016llx-1\"\r\n", (unsigned long long)o->number);
    if (o->checksum[0])
        snprintf(fields + n, room - (size_t)n,
                 "x-amz-checksum-crc64nvme: %s\r\nx-amz-checksum-type: FULL_OBJECT\r\n", o->checksum);
}

static void put(connection *c) {
    char checksum[32], match[8], fields[256];
    count.puts++;
    const char *sum = field(c, "x-amz-checksum-crc64nvme", checksum, sizeof checksum);
    const char *condition = field(c, "If-None-Match", match, sizeof match);
    if (condition && !strcmp(condition, "*") && *find(c->path))
        return answerError(c, "412 Precondition Failed", "PreconditionFailed");
    object *o = store(c->path, c->body, c->bodySize, sum);
    c->body = NULL;
    describe(o, fields, sizeof fields);
    answer(c, "200 OK", fields, 0);
}

static bool has(const connection *c, const char *parameter) {
    size_t length = strlen(parameter);
    for (const char *p = c->query; p; p = strchr(p, '&') ? strchr(p, '&') + 1 : NULL)
        if (!strncmp(p, parameter, length) && (!p[length] || p[length] == '=' || p[length] == '&')) return true;
    return false;
}

static void putPart(connection *c) {
    char checksum[32], fields[256];
    const char *sum = field(c, "x-amz-checksum-crc64nvme", checksum, sizeof checksum);
    count.puts++;
    // Parts of one upload at a time for each key: that is all that is measured.
    object *o = *find(c->path);
    if (!o) return answerError(c, "404 Not Found", "NoSuchUpload");
    o->size += c->bodySize;
    snprintf(fields, sizeof fields, "ETag: \"%016llx\"\r\n%s%s%s", (unsigned long long)++nextNumber,
             sum ? "x-amz-checksum-crc64nvme: " : "", sum ? sum : "", sum ? "\r\n" : "");
    answer(c, "200 OK", fields, 0);
}

static void beginUpload(connection *c) {
    char text[512];
    store(c->path, NULL, 0, NULL);
    snprintf(text, sizeof text, "<InitiateMultipartUploadResult><Bucket>bench</Bucket><Key>%.300s</Key><UploadId>%016llx"
             "</UploadId></InitiateMultipartUploadResult>", strchr(c->path + 1, '/') + 1, (unsigned long long)++nextNumber);
    answerText(c, "200 OK", "application/xml", text);
}

static void completeUpload(connection *c) {
    char checksum[32], text[512], element[96] = "";
    const char *sum = field(c, "x-amz-checksum-crc64nvme", checksum, sizeof checksum);
    object *o = *find(c->path);
    if (!o) return answerError(c, "404 Not Found", "NoSuchUpload");
    snprintf(o->checksum, sizeof o->checksum, "%s", sum ? sum : "");
    if (sum) snprintf(element, sizeof element, "<ChecksumCRC64NVME>%s</ChecksumCRC64NVME>", sum);
    snprintf(text, sizeof text, "<CompleteMultipartUploadResult><Key>%.300s</Key><ETag>\"%016llx-1\"</ETag>%s"
             "</CompleteMultipartUploadResult>", strchr(c->path + 1, '/') + 1, (unsigned long long)o->number, element);
    answerText(c, "200 OK", "application/xml", text);
}

// One byte range as RFC 9110 14.1.2 has it. False: it selects nothing. Several or a malformed one: the whole object.
static bool selectRange(const char *range, size_t size, size_t *from, size_t *length, bool *partial) {
    char *end;
    *from = 0, *length = size, *partial = false;
    if (!range || strncmp(range, "bytes=", 6) || strchr(range, ',')) return true;
    range += 6;
    if (*range == '-') {
        size_t suffix = strtoull(range + 1, &end, 10);
        if (end == range + 1 || *end) return true;
        if (!suffix || !size) return false;
        *length = suffix < size ? suffix : size;
        *from = size - *length;
    } else {
        size_t first = strtoull(range, &end, 10), last = SIZE_MAX;
        if (end == range || *end != '-') return true;
        if (end[1]) last = strtoull(end + 1, &end, 10);
        if (first >= size) return false;
        if (last < first) return true;
        *from = first;
        *length = (last < size ? last + 1 : size) - first;
    }
    return *partial = true;
}

static void get(connection *c, bool withBody) {
    char range[64], fields[384];
    size_t from, length;
    bool partial;
    count.gets += withBody;
    object *o = *find(c->path);
    if (!o) return answerError(c, "404 Not Found", "NoSuchKey");
    if (withBody && o->size && !o->body) return answerError(c, "500 Internal Server Error", "Dropped");
    if (!selectRange(field(c, "Range", range, sizeof range), o->size, &from, &length, &partial))
        return answerError(c, "416 Requested Range Not Satisfiable", "InvalidRange");
    describe(o, fields, sizeof fields - 128);
    size_t n = strlen(fields);
    n += (size_t)snprintf(fields + n, sizeof fields - n, "Accept-Ranges: bytes\r\n");
    if (partial)
        snprintf(fields + n, sizeof fields - n, "Content-Range: bytes %zu-%zu/%zu\r\n", from, from + length - 1, o->size);
    answer(c, partial ? "206 Partial Content" : "200 OK", fields, length);
    if (!withBody || !length) return;
    o->holders++;
    c->sending = o;
    c->from = from;
    c->left = length;
}

static void stats(connection *c) {
    struct rusage use;
    char text[512];
    getrusage(RUSAGE_SELF, &use);
    double cpu = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                 (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
    snprintf(text, sizeof text,
             "{\"requests\":%" PRIu64 ",\"connections\":%" PRIu64 ",\"puts\":%" PRIu64 ",\"gets\":%" PRIu64
             ",\"objects\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64
             ",\"cpu\":%.3f}\n",
             count.requests, count.connections, count.puts, count.gets, count.objects, count.refused, count.bytesIn,
             count.bytesOut, cpu);
    answerText(c, "200 OK", "application/json", text);
}

static void respond(connection *c) {
    bool object = strchr(c->path + 1, '/') && strrchr(c->path, '/')[1];
    if (!strcmp(c->path, "/__stats")) return stats(c);
    if (!strcmp(c->path, "/__reset")) {
        for (size_t i = 0; i < BUCKETS; i++)
            while (table[i]) removeObject(table[i]->key);
        memset(&count, 0, sizeof count);
        return answer(c, "204 No Content", "", 0);
    }
    count.requests++;
    if (object && !strcmp(c->method, "PUT")) return has(c, "partNumber") ? putPart(c) : put(c);
    if (object && !strcmp(c->method, "POST") && has(c, "uploads")) return beginUpload(c);
    if (object && !strcmp(c->method, "POST") && has(c, "uploadId")) return completeUpload(c);
    if (object && !strcmp(c->method, "DELETE") && has(c, "uploadId")) return answer(c, "204 No Content", "", 0);
    if (object && !strcmp(c->method, "GET")) return get(c, true);
    if (object && !strcmp(c->method, "HEAD")) return get(c, false);
    if (object && !strcmp(c->method, "DELETE")) return removeObject(c->path), answer(c, "204 No Content", "", 0);
    if (object || !strcmp(c->method, "POST")) return answerError(c, "501 Not Implemented", "NotImplemented");
    if (strcmp(c->method, "GET")) return answer(c, "200 OK", "", 0);
    answerText(c, "200 OK", "application/xml", "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
}

// MARK: connections

static void watch(connection *c, bool writing) {
    if (c->writing == writing) return;
    c->writing = writing;
    struct epoll_event event = {.events = writing ? EPOLLOUT : EPOLLIN, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event);
}

static void hangUp(connection *c) {
    close(c->fd);
    release(c->sending);
    free(c->body);
    free(c);
}

// Splits the head, whole in `head`, and makes room for the body. False: no HTTP, or a body without a length.
static bool readHead(connection *c) {
    char value[64];
    const char *text;
    c->head[c->headEnd - 1] = 0; // the last \n; `fields` then ends in \r\n\r
    char *space = strchr(c->head, ' '), *second = space ? strchr(space + 1, ' ') : NULL;
    char *line = strstr(c->head, "\r\n");
    if (!second || !line || second > line) return false;
    *space = *second = 0;
    c->method = c->head;
    c->path = space + 1;
    c->fields = line + 2;
    c->query = strchr(c->path, '?');
    if (c->query) *c->query++ = 0;
    else c->query = "";
    if (c->path[0] != '/' || field(c, "Transfer-Encoding", value, sizeof value)) return false;
    c->closing = (text = field(c, "Connection", value, sizeof value)) && !strcasecmp(text, "close");
    c->bodySize = (text = field(c, "Content-Length", value, sizeof value)) ? strtoull(text, NULL, 10) : 0;
    c->bodyFilled = 0;
    bool keeps = c->bodySize && c->bodySize <= KEPT;
    c->body = keeps ? malloc(c->bodySize) : NULL;
    if (keeps && !c->body) return false;
    if (c->bodySize && field(c, "Expect", value, sizeof value))
        return send(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL) == 25;
    return true;
}

// Bytes behind the head: the body's first, the next request's stay.
static void takeSurplus(connection *c) {
    size_t surplus = c->filled - c->headEnd, mine = c->bodySize - c->bodyFilled;
    if (mine > surplus) mine = surplus;
    if (!mine) return;
    if (c->body) memcpy(c->body + c->bodyFilled, c->head + c->headEnd, mine);
    c->bodyFilled += mine;
    c->filled -= mine;
    memmove(c->head + c->headEnd, c->head + c->headEnd + mine, c->filled - c->headEnd);
}

static void nextRequest(connection *c) {
    free(c->body);
    c->body = NULL;
    c->filled -= c->headEnd;
    memmove(c->head, c->head + c->headEnd, c->filled);
    c->headEnd = c->answerSize = c->bodySize = c->bodyFilled = 0;
}

typedef enum { DONE, WAIT, GONE } progress;

static progress receive(connection *c, char *to, size_t room, size_t *got) {
    // TCP has these bytes dropped in the kernel.
    ssize_t n = to ? recv(c->fd, to, room, 0) : recv(c->fd, NULL, room, MSG_TRUNC);
    if (n < 0) return errno == EAGAIN ? WAIT : GONE;
    *got += (size_t)n;
    count.bytesIn += (uint64_t)n;
    return n ? DONE : GONE;
}

static progress transmit(connection *c) {
    while (c->answerSent < c->answerSize || c->left) {
        struct iovec parts[2] = {{c->answer + c->answerSent, c->answerSize - c->answerSent}};
        if (c->left) parts[1] = (struct iovec){c->sending->body + c->from, c->left};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = c->left ? 2 : 1};
        ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
        if (n < 0) return errno == EAGAIN ? WAIT : GONE;
        size_t sent = (size_t)n, text = parts[0].iov_len < sent ? parts[0].iov_len : sent;
        count.bytesOut += sent;
        c->answerSent += text;
        c->from += sent - text;
        c->left -= sent - text;
    }
    release(c->sending);
    c->sending = NULL;
    return c->closing ? GONE : DONE;
}

static int64_t moment(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// Nobody looks at the socket meanwhile.
static void delay(connection *c) {
    epoll_ctl(poller, EPOLL_CTL_DEL, c->fd, NULL);
    c->due = moment() + latency;
    c->after = NULL;
    *lastDelayed = c;
    lastDelayed = &c->after;
}

// As far as the socket lets it. False: the connection is over.
static bool advance(connection *c) {
    for (;;) {
        progress p = DONE;
        if (c->answerSize) {
            if ((p = transmit(c)) == DONE) nextRequest(c);
        } else if (!c->headEnd) {
            char *end = memmem(c->head, c->filled, "\r\n\r\n", 4);
            if (end) {
                c->headEnd = (size_t)(end - c->head) + 4;
                if (!readHead(c)) return false;
            } else {
                p = c->filled < HEAD_LIMIT ? receive(c, c->head + c->filled, HEAD_LIMIT - c->filled, &c->filled) : GONE;
            }
        } else if (takeSurplus(c), c->bodyFilled < c->bodySize) {
            p = receive(c, c->body ? c->body + c->bodyFilled : NULL, c->bodySize - c->bodyFilled, &c->bodyFilled);
        } else if (latency && !c->due) {
            return delay(c), true;
        } else {
            c->due = 0;
            respond(c);
        }
        if (p == GONE) return false;
        if (p == WAIT) return watch(c, c->answerSize > 0), true;
    }
}

static void greet(int listener) {
    int fd, yes = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        connection *c = calloc(1, sizeof *c);
        if (!c) abort();
        c->fd = fd;
        count.connections++;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

// Answers those whose time has come; milliseconds until the next, -1 for none.
static int answerDelayed(void) {
    connection *c;
    while ((c = delayed)) {
        int64_t left = c->due - moment();
        if (left > 0) return (int)(left / 1000000 + 1);
        if (!(delayed = c->after)) lastDelayed = &delayed;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        c->writing = false;
        epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
        if (!advance(c)) hangUp(c);
    }
    return -1;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    latency = argc > 2 ? atoi(argv[2]) * 1000000LL : 0;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1024) ||
        getsockname(listener, (struct sockaddr *)&address, &length)) {
        perror("sink");
        return 1;
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(poller, events, EVENTS, answerDelayed());
        for (int i = 0; i < ready; i++) {
            connection *c = events[i].data.ptr;
            if (!c) greet(listener);
            else if (!advance(c)) hangUp(c);
        }
    }
}

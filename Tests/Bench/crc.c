// SPDX-License-Identifier: Apache-2.0
// GB/s of CRC-64/NVME on one core, over blocks of the size that presignd reads, beside the portable way, the adding up of
// the same words (the bound that memory sets) and zlib's crc32 where that is installed.
//
//   cc -O2 -I Sources/CLinux/include -o crc Tests/Bench/crc.c Sources/CLinux/crc64nvme.c [-lz]
#define _GNU_SOURCE
#include "CLinux.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#if __has_include(<zlib.h>)
#include <zlib.h>
#define HAS_ZLIB 1
#endif

enum { BLOCK = 256 << 10, BLOCKS = 256, ROUNDS = 9 };

static uint64_t sink;

static uint64_t fast(const unsigned char *block) { return cs_crc64nvme(0, block, BLOCK); }
static uint64_t portable(const unsigned char *block) { return cs_crc64nvme_portable(0, block, BLOCK); }
#ifdef HAS_ZLIB
static uint64_t zlib(const unsigned char *block) { return crc32(0, block, BLOCK); }
#endif
static uint64_t sum(const unsigned char *block) {
    uint64_t total = 0;
    for (const uint64_t *word = (const void *)block, *end = word + BLOCK / 8; word < end; word++) total += *word;
    return total;
}

// The best of some rounds, each of 64 MiB in the cache.
static double rate(uint64_t (*way)(const unsigned char *), const unsigned char *block) {
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        clock_t start = clock();
        for (int i = 0; i < BLOCKS; i++) sink += way(block);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        double now = (double)BLOCK * BLOCKS / seconds / 1e9;
        if (now > best) best = now;
    }
    return best;
}

int main(void) {
    unsigned char *block = aligned_alloc(64, BLOCK);
    if (!block) return 1;
    for (int i = 0; i < BLOCK; i++) block[i] = (unsigned char)(i * 2654435761u >> 13);
    double own = rate(fast, block);
    printf("\n| CRC-64/NVME, one core | GB/s | presignd's is |\n|---|---|---|\n");
    printf("| presignd (aim: 5) | %.1f | 1 x |\n", own);
    struct { const char *name; uint64_t (*way)(const unsigned char *); } others[] = {
        {"portable, without carry-less multiplication", portable},
#ifdef HAS_ZLIB
        {"zlib's crc32", zlib},
#endif
        {"adding up words", sum}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        double other = rate(others[i].way, block);
        printf("| %s | %.1f | %.2f x |\n", others[i].name, other, own / other);
    }
    return sink == 42;
}

// SPDX-License-Identifier: Apache-2.0
// CRC-64/NVME: reflected polynomial 0x9a6c9329ac4bc9b5, start and end value inverted.
//
// The fast way folds 64 bytes a round by carry-less multiplication (Gopal and others, "Fast CRC
// Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009); what remains, and
// everything on other processors, goes through tables of eight bytes a step.
#include "CLinux.h"

#include <string.h>

static const uint64_t polynomial = 0x9a6c9329ac4bc9b5;

// tables[k][b]: the remainder of byte b followed by k zero bytes.
static uint64_t tables[8][256];

// Before main, so that no caller has to ask whether the tables are there.
__attribute__((constructor)) static void make_tables(void) {
    for (unsigned int byte = 0; byte < 256; byte++) {
        uint64_t rest = byte;
        for (int bit = 0; bit < 8; bit++) rest = (rest >> 1) ^ (rest & 1 ? polynomial : 0);
        tables[0][byte] = rest;
    }
    for (int zeros = 1; zeros < 8; zeros++)
        for (unsigned int byte = 0; byte < 256; byte++) {
            uint64_t rest = tables[zeros - 1][byte];
            tables[zeros][byte] = (rest >> 8) ^ tables[0][rest & 255];
        }
}

static inline uint64_t load_little_endian(const unsigned char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint64_t step(uint64_t word) {
    return tables[7][word & 255] ^ tables[6][word >> 8 & 255] ^ tables[5][word >> 16 & 255] ^
           tables[4][word >> 24 & 255] ^ tables[3][word >> 32 & 255] ^
           tables[2][word >> 40 & 255] ^ tables[1][word >> 48 & 255] ^ tables[0][word >> 56];
}

static uint64_t by_tables(uint64_t rest, const unsigned char *bytes, size_t length) {
    for (; length >= 8; bytes += 8, length -= 8) rest = step(rest ^ load_little_endian(bytes));
    for (; length > 0; bytes++, length--) rest = (rest >> 8) ^ tables[0][(rest ^ *bytes) & 255];
    return rest;
}

uint64_t cs_crc64nvme_portable(uint64_t crc, const void *data, size_t length) {
    return ~by_tables(~crc, data, length);
}

// The product of two remainders, the highest power in the lowest bit.
static uint64_t product(uint64_t left, uint64_t right) {
    uint64_t sum = 0;
    for (uint64_t bit = 1ull << 63; bit; bit >>= 1) {
        if (left & bit) sum ^= right;
        right = (right >> 1) ^ (right & 1 ? polynomial : 0);
    }
    return sum;
}

uint64_t cs_crc64nvme_join(uint64_t first, uint64_t second, uint64_t length) {
    // Bytes in front are worth their remainder times x to the power of the bits behind them, as in
    // zlib's crc32_combine: by squaring, from one byte's worth on.
    uint64_t factor = 1ull << 63, square = 1ull << 55;
    for (; length > 0; length >>= 1) {
        if (length & 1) factor = product(factor, square);
        square = product(square, square);
    }
    return product(first, factor) ^ second;
}

#if defined(__x86_64__)
#include <immintrin.h>

// Moves 128 bits forward over the bits that follow them: a qword that lies d bits ahead is
// multiplied by x^(d-1) mod P, one less than d because a product of reflected factors is one bit
// short. `by` holds x^(d+63) for the low qword (the earlier bytes) and x^(d-1) for the high one.
__attribute__((target("pclmul"), always_inline)) static inline __m128i fold(
    __m128i value, __m128i by, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(value, by, 0x00);
    __m128i high = _mm_clmulepi64_si128(value, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

__attribute__((target("pclmul"))) static uint64_t by_folding(
    uint64_t rest, const unsigned char *bytes, size_t length) {
    const __m128i over512 = _mm_set_epi64x(0x62242240ace5045a, 0x0c32cdb31e18a84a);
    const __m128i over128 = _mm_set_epi64x(0x21e9761e252621ac, (long long)0xeadc41fd2ba3d420);
    const __m128i *from = (const __m128i *)bytes;
    __m128i a = _mm_xor_si128(_mm_loadu_si128(from), _mm_set_epi64x(0, (long long)rest));
    __m128i b = _mm_loadu_si128(from + 1);
    __m128i c = _mm_loadu_si128(from + 2);
    __m128i d = _mm_loadu_si128(from + 3);
    for (from += 4, length -= 64; length >= 64; from += 4, length -= 64) {
        a = fold(a, over512, _mm_loadu_si128(from));
        b = fold(b, over512, _mm_loadu_si128(from + 1));
        c = fold(c, over512, _mm_loadu_si128(from + 2));
        d = fold(d, over512, _mm_loadu_si128(from + 3));
    }
    a = fold(fold(fold(a, over128, b), over128, c), over128, d);
    for (; length >= 16; from++, length -= 16) a = fold(a, over128, _mm_loadu_si128(from));
    unsigned char last[16];
    _mm_storeu_si128((__m128i *)last, a);
    return by_tables(by_tables(0, last, sizeof last), (const unsigned char *)from, length);
}

uint64_t cs_crc64nvme(uint64_t crc, const void *data, size_t length) {
    // Below two rounds the folding costs more than it saves.
    if (length >= 128 && __builtin_cpu_supports("pclmul")) return ~by_folding(~crc, data, length);
    return cs_crc64nvme_portable(crc, data, length);
}
#else
uint64_t cs_crc64nvme(uint64_t crc, const void *data, size_t length) {
    return cs_crc64nvme_portable(crc, data, length);
}
#endif

// SPDX-License-Identifier: Apache-2.0
// What Swift cannot say to SQLite: the variadic sqlite3_config, and a function of our own in C.
#ifndef PRESIGND_CSQLITE_SHIM_H
#define PRESIGND_CSQLITE_SHIM_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/// Keeps SQLite from counting its memory: a lock and a look at the block for each allocation, and
/// nobody asks for the count (SQLITE_CONFIG_MEMSTATUS in
/// sqlite.org/c3ref/c_config_covering_index_scan.html).
/// To be called before the first use of SQLite in the process; otherwise it does nothing.
static inline void csqlite_skip_memory_count(void) {
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static inline void csqlite_name_hash(sqlite3_context *context, int count, sqlite3_value **values) {
    (void)count;
    const unsigned char *bytes = sqlite3_value_blob(values[0]);
    uint32_t hash = 2166136261u;
    for (int length = sqlite3_value_bytes(values[0]); length > 0; length--) hash = (hash ^ *bytes++) * 16777619u;
    hash = (hash >> 24) ^ (hash & 0xffffff);
    // From -2^23 on, so that SQLite stores it in three bytes.
    sqlite3_result_int(context, (int)hash - (1 << 23));
}

/// Gives a connection `name_hash(name)`: FNV-1a, 32 bits folded to 24, of a name's bytes.
///
/// An index holds its values: to change it means to make that index anew, in a step of the schema.
/// `false`: SQLite had no memory for it.
static inline bool csqlite_add_name_hash(sqlite3 *database) {
    return sqlite3_create_function_v2(database, "name_hash", 1,
        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, 0, csqlite_name_hash, 0, 0, 0) == SQLITE_OK;
}

#endif

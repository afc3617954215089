// SPDX-License-Identifier: Apache-2.0
// A typed door to SQLite's variadic sqlite3_config, which Swift cannot call.
#ifndef PRESIGND_CSQLITE_SHIM_H
#define PRESIGND_CSQLITE_SHIM_H

#include <sqlite3.h>

/// Keeps SQLite from counting its memory: a lock and a look at the block for each allocation, and
/// nobody asks for the count (SQLITE_CONFIG_MEMSTATUS in
/// sqlite.org/c3ref/c_config_covering_index_scan.html).
/// To be called before the first use of SQLite in the process; otherwise it does nothing.
static inline void csqlite_skip_memory_count(void) {
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

#endif

# SPDX-License-Identifier: Apache-2.0
# Reads what `swift test` printed; prints "N passed, N failed" and exits 0 only if all is well.
# Swift Testing's own sum counts skipped tests; a crash leaves no sum at all. `status` is swift test's exit status, `runs` how often it was run.
/^[^ ]+ Test run with [0-9]+ tests? / { total += $5; finished++; next }
/^[^ ]+ (Suite|Test case) / { next }
/ failed after [0-9.]+ seconds/ { failed++; next }
/ passed after [0-9.]+ seconds/ { passed++; next }
/^[^ ]+ Test .* skipped/ { skipped++; next }
/^[^ ]+ Test .* started\.$/ { started++ }
END {
    if (finished == runs) {
        passed = total - failed - skipped
    } else {
        failed = started > passed + failed ? started - passed : failed
        print "The tests ended before their sum: a crash, or out of time."
    }
    if (!failed && (status != 0 || !passed)) failed = 1
    if (skipped) printf "%d skipped\n", skipped
    printf "%d passed, %d failed\n", passed, failed
    exit failed ? 1 : 0
}

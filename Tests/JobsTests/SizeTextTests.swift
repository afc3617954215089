// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@Suite("A size for people")
struct SizeTextTests {
    @Test(
        "is written to the nearest tenth, in the unit that it shows",
        arguments: [
            (-1, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (52_311, "51.1 KiB"),
            (1_048_575, "1.0 MiB"), (120 << 20, "120.0 MiB"), (.max, "8.0 EiB"),
        ] as [(Int64, String)]
    )
    func short(bytes: Int64, text: String) { #expect(SizeText.short(bytes) == text) }
}

// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@Suite("The next key for a file whose key is taken")
struct NumberedKeyTests {
    @Test(
        "has a number before the extension",
        arguments: [
            ("a.pdf", "a~2.pdf"), ("a~2.pdf", "a~3.pdf"), ("a~9", "a~10"), ("r.d/a", "r.d/a~2"),
            ("r/.profile", "r/.profile~2"), ("a.tar.gz", "a.tar~2.gz"), ("a~", "a~~2"),
            ("a~1.txt", "a~1~2.txt"), ("a~02.txt", "a~02~2.txt"), ("a~2024.txt", "a~2024~2.txt"),
            ("a~101", "a~101~2"), ("a~99.x", "a~100.x"), ("r/", "r/~2"), ("~5", "~6"),
        ]
    )
    func next(key: String, expected: String) {
        #expect(ObjectKey(key).numbered() == ObjectKey(expected))
    }

    @Test("ends at a hundred")
    func end() {
        #expect(ObjectKey("a~100.txt").numbered() == nil)
        var key: ObjectKey? = ObjectKey("a")
        var count = 0
        while let next = key?.numbered() {
            key = next
            count += 1
        }
        #expect(count == 99)
    }
}

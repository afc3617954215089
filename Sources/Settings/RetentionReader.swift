// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads what becomes of a template's objects later on.
struct RetentionReader {
    let section: Section

    static let keys = ["on_remove", "expire_objects_after", "last_copy"]

    func read() -> Retention {
        var retention = Retention()
        retention.onRemove = section.choice("on_remove", OnRemove.self) ?? retention.onRemove
        retention.expireObjectsAfter = section.read("expire_objects_after", Self.span)
        retention.lastCopy = section.boolean("last_copy") ?? retention.lastCopy
        return retention
    }

    private static func span(_ text: String) throws(ValueProblem) -> Span {
        let span = try QuantityText.span(text)
        guard span > .zero, span <= .seconds(3_650 * 86_400) else {
            throw ValueProblem("\"\(text)\" is out of range", cure: "write 1s to 3650d")
        }
        return span
    }
}

// SPDX-License-Identifier: Apache-2.0

import Jobs

extension Section {
    /// How long jobs are kept that have ended: a length of time, or `forever`.
    func readHistory(_ key: String) -> Span?? {
        read(key) { text throws(ValueProblem) -> Span? in
            guard text != "forever" else { return nil }
            let cure = "write 1d or more, such as 90d, or forever"
            guard let span = QuantityText.lengthOfTime(text) else {
                throw ValueProblem("\"\(text)\" is not a length of time", cure: cure)
            }
            guard span >= .seconds(86_400) else {
                throw ValueProblem("\"\(text)\" is too short", cure: cure)
            }
            return span
        }
    }
}

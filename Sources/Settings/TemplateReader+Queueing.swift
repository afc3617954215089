// SPDX-License-Identifier: Apache-2.0

import Jobs

extension TemplateReader {
    /// Reads how the template's files wait.
    func readQueueing() -> Queueing {
        var queueing = Queueing()
        queueing.order = section.choice("order", QueueOrder.self) ?? queueing.order
        queueing.weight =
            section.read("weight") { text throws(ValueProblem) in
                let weight = try QuantityText.count(text)
                guard (1...Queueing.mostWeight).contains(weight) else {
                    throw ValueProblem(
                        "\(weight) is out of range",
                        cure: "write 1 to \(Queueing.mostWeight)"
                    )
                }
                return weight
            } ?? queueing.weight
        return queueing
    }
}

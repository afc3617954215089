// SPDX-License-Identifier: Apache-2.0

import Jobs

extension Section {
    /// How much may come at once: `{ files: 100000, bytes: 1TiB }`, either of them `off`, or `off`.
    func readBrake(_ key: String) -> Brake? {
        guard let value = value(key) else { return nil }
        guard case .mapping = value.content else {
            return read(key) { text throws(ValueProblem) in
                guard text == "off" else {
                    throw ValueProblem(
                        "\"\(text)\" is not a limit",
                        cure: "write { files: 100000, bytes: 1TiB }, or off"
                    )
                }
                return .off
            }
        }
        guard let inner = section(key) else { return nil }
        inner.check(known: ["files", "bytes"])
        var brake = Brake()
        brake.files = inner.readLimit("files", QuantityText.count) ?? brake.files
        brake.bytes = inner.readLimit("bytes", QuantityText.size) ?? brake.bytes
        return brake
    }

    /// A number, or `off`, or nothing where the default is to stand.
    private func readLimit<Number: BinaryInteger>(
        _ key: String,
        _ convert: (String) throws(ValueProblem) -> Number
    ) -> Number?? {
        read(key) { text throws(ValueProblem) -> Number? in
            guard text != "off" else { return nil }
            let number = try convert(text)
            guard number > 0 else {
                throw ValueProblem("0 would hold every file", cure: "write 1 or more, or off")
            }
            return number
        }
    }
}

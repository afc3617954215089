// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// One line of `presign --batch`: a JSON object that asks for a URL, answered by a JSON object.
public struct BatchLine: Hashable, Sendable {
    /// The answer without a newline.
    ///
    /// Either `{"url":"…"}`, with `headers` if the client must send some, or `{"error":"…"}`.
    public let line: [UInt8]
    /// Whether it is an error.
    public let isError: Bool

    /// Answers a line on its own; for many lines a `Batch` is faster.
    ///
    /// - Parameters:
    ///   - line: the bytes up to the newline.
    ///   - now: the time of signing where the line names none.
    /// - Returns: the answer, or nothing for a line of white space.
    public static func answer(_ line: some Collection<UInt8>, now: Timestamp) -> BatchLine? {
        var batch = Batch()
        return batch.answer(line, now: now)
    }

    init(_ signed: SignedRequest) {
        let url = signed.url.reveal()
        var line: [UInt8] = []
        line.reserveCapacity(url.count + 16)
        line.append(text: #"{"url":"#)
        line.appendJSONString(url)
        if !signed.headers.isEmpty {
            var mark = #","headers":{"#
            for header in signed.headers {
                line.append(text: mark)
                line.appendJSONString(header.name)
                line.append(UInt8(ascii: ":"))
                line.appendJSONString(header.value)
                mark = ","
            }
            line.append(UInt8(ascii: "}"))
        }
        line.append(UInt8(ascii: "}"))
        self.line = line
        isError = false
    }

    init(_ error: BatchError) {
        var line = Array(#"{"error":"#.utf8)
        line.appendJSONString(error.text)
        line.append(UInt8(ascii: "}"))
        self.line = line
        isError = true
    }
}

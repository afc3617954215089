// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOCore
import Sign

/// A form on its way in: first its fields, then the file, a piece at a time.
struct IncomingForm {
    /// All that stands before the file may have 20 KB, and no more may follow it ("POST Object",
    /// Amazon S3 API Reference).
    static let longestFields = 20 << 10

    /// The bucket that the form was sent to.
    let bucket: [UInt8]
    /// The bytes of the whole body.
    let length: Int64
    private var reader: MultipartReader

    init(bucket: [UInt8], length: Int64, boundary: String) {
        self.bucket = bucket
        self.length = length
        reader = MultipartReader(boundary: boundary)
    }

    /// Reads up to the file, which must be the last field that means anything.
    ///
    /// - Throws: `Refusal` when the body is no form, or its fields are too many.
    mutating func fields(from body: inout IncomingBody) async throws -> SubmittedForm {
        var fields: [FormField] = []
        var name = ""
        var value: [UInt8] = []
        while true {
            while let event = try reader.next() {
                guard reader.consumed <= Self.longestFields else { throw Refusal.tooManyFields }
                switch event {
                case .part(let head):
                    if head.isFile { return SubmittedForm(fields: fields, fileName: head.fileName) }
                    name = head.name
                    value = []
                case .data(let bytes): value.append(contentsOf: bytes.readableBytesView)
                case .endOfPart: fields.append(FormField(name, value))
                case .end:
                    throw Refusal(
                        .invalidArgument,
                        "POST requires exactly one file upload per request.",
                        details: [Header("ArgumentName", "file"), Header("ArgumentValue", "0")]
                    )
                }
            }
            guard reader.consumed <= Self.longestFields else { throw Refusal.tooManyFields }
            try await readMore(from: &body)
        }
    }

    /// The next bytes of the file, or nothing at its end.
    mutating func fileBytes(from body: inout IncomingBody) async throws -> ByteBuffer? {
        while true {
            switch try reader.next() {
            case .data(let bytes): return bytes
            case nil: try await readMore(from: &body)
            case .endOfPart, .part, .end: return nil
            }
        }
    }

    /// Passes over what follows the file, as S3 does, to the end of the body.
    ///
    /// - Throws: `Refusal` when that is much, or when the form does not end.
    mutating func finish(from body: inout IncomingBody) async throws {
        let start = reader.consumed
        var isEnded = false
        while true {
            while let event = try reader.next() {
                if event == .end { isEnded = true }
            }
            guard reader.consumed - start <= Self.longestFields else { throw Refusal.malformedForm }
            guard let bytes = try await body.next() else { break }
            reader.append(bytes)
        }
        guard body.rest == 0 else { throw Refusal.incompleteBody }
        guard isEnded else { throw Refusal.malformedForm }
    }

    private mutating func readMore(from body: inout IncomingBody) async throws {
        guard let bytes = try await body.next() else {
            throw body.rest == 0 ? Refusal.malformedForm : Refusal.incompleteBody
        }
        reader.append(bytes)
    }
}

extension Refusal {
    /// The client went away, or sent less than it said.
    static let incompleteBody = Refusal(
        .incompleteBody,
        "The body is shorter than Content-Length. Send it again."
    )

    fileprivate static let tooManyFields = Refusal(
        .maxPostPreDataLengthExceeded,
        "Your POST request fields preceding the upload file were too large."
    )
}

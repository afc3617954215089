// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The parts that the body of a CompleteMultipartUpload names, in its order.
struct CompletionList: Hashable, Sendable {
    /// One part, as the client knows it.
    struct Part: Hashable, Sendable {
        var number: Int
        var etag: String
        /// Checksums by the names of their headers.
        var checksums: [Header]
    }

    private(set) var parts: [Part] = []

    /// Bytes a body may have: 10,000 parts with two checksums each have less.
    static let longest: Int64 = 2 << 20

    /// Reads a body; elements it does not know are passed over, as S3 does.
    ///
    /// - Throws: `Refusal`: `MalformedXML`, or `InvalidPartOrder`.
    init(_ body: [UInt8]) throws(Refusal) {
        var path: [String] = []
        var values: [String: String] = [:]
        var text = ""
        var isDone = false
        for piece in try SimpleXML.pieces(of: body) {
            switch piece {
            case .open(let name):
                guard !isDone, path.count < 8 else { throw .malformedXML }
                guard !path.isEmpty || name == "CompleteMultipartUpload" else {
                    throw .malformedXML
                }
                path.append(name)
                if path.count == 2 { values = [:] }
                text = ""
            case .text(let more): text += more
            case .close(let name):
                guard path.popLast() == name else { throw .malformedXML }
                if path.count == 2, path[1] == "Part" { values[name] = text }
                if path.count == 1, name == "Part" { try append(values) }
                isDone = path.isEmpty
                text = ""
            }
        }
        guard isDone, 1...MultipartCall.mostParts ~= parts.count else { throw .malformedXML }
    }

    private mutating func append(_ values: [String: String]) throws(Refusal) {
        guard let number = values["PartNumber"].flatMap({ Int(String($0[...].trimmed)) }),
            let etag = values["ETag"]
        else { throw .malformedXML }
        guard number > parts.last?.number ?? 0 else {
            throw Refusal(
                .invalidPartOrder,
                "The list of parts was not in ascending order. "
                    + "Parts must be ordered by part number."
            )
        }
        let checksums = ChecksumAlgorithm.allCases.compactMap { algorithm in
            values["Checksum\(algorithm.rawValue.uppercased())"].map {
                Header(algorithm.header, String($0[...].trimmed))
            }
        }
        let bare = etag.filter { $0 != "\"" }
        parts.append(Part(number: number, etag: String(bare[...].trimmed), checksums: checksums))
    }
}

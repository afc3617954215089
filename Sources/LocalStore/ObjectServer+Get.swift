// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Jobs
import NIOPosix

extension ObjectServer {
    /// Does what a request without a body asks.
    func serve(_ call: Call, key: ObjectKey) async throws -> Answer {
        let folder = folder
        switch call.method {
        case "GET", "HEAD":
            guard let object = try await disk.runIfActive({ try folder.open(key) }) else {
                throw Refusal.noSuchKey(key)
            }
            return try show(object, to: call)
        case "DELETE":
            let condition = call.header("if-match").map { etags in
                Conditions { $0 == "if-match" ? etags : nil }
            }
            let removal = try await disk.runIfActive {
                try folder.quota?.requireCounted()
                return try folder.remove(key, if: condition)
            }
            switch removal {
            case .refused: throw Refusal.failedCondition("If-Match")
            // As S3 has it; without a condition there is no difference.
            case .wasGone where condition != nil: throw Refusal.noSuchKey(key)
            case .removed, .wasGone: break
            }
            return Answer(status: 204, headers: [], body: .none)
        default: throw Refusal.methodNotAllowed(call.method)
        }
    }

    private func show(_ object: StoredObject, to call: Call) throws(Refusal) -> Answer {
        let record = object.record
        let etag = Header("etag", "\"\(record.etag)\"")
        let modified = Header("last-modified", HTTPDate.text(record.modified))
        let conditions = Conditions(header: call.header)
        switch conditions.verdict(etag: record.etag, modified: record.modified) {
        case .proceed: break
        case .notModified:
            let kept = record.headers.filter { ["cache-control", "expires"].contains($0.name) }
            return Answer(status: 304, headers: [etag, modified] + kept, body: .none)
        case .failed(let condition): throw .failedCondition(condition)
        }
        var headers = [etag, modified, Header("accept-ranges", "bytes")]
        headers += try describing(record, to: call)
        let asked = call.header("range")
        let counts = conditions.allowsRange(etag: record.etag, modified: record.modified)
        switch ByteRange(counts ? asked : nil, size: record.size) {
        case .whole:
            if call.header("x-amz-checksum-mode") ?? call.parameter("x-amz-checksum-mode")
                == "ENABLED"
            {
                headers += record.checksums + [Header("x-amz-checksum-type", "FULL_OBJECT")]
            }
            return answer(call, 200, headers, object, 0..<record.size)
        case .part(let range):
            let content = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(record.size)"
            return answer(call, 206, headers + [Header("content-range", content)], object, range)
        case .unsatisfiable:
            throw .noSuchRange(asked ?? "", size: record.size)
        }
    }

    private func answer(
        _ call: Call,
        _ status: Int,
        _ headers: [Header],
        _ object: StoredObject,
        _ range: Range<Int64>
    ) -> Answer {
        Answer(
            status: status,
            headers: headers + [Header("content-length", "\(range.count)")],
            body: call.method == "HEAD" ? .none : .object(object, range)
        )
    }

    /// The stored headers, where the query does not say otherwise.
    private func describing(_ record: ObjectRecord, to call: Call) throws(Refusal) -> [Header] {
        let overrides = try HeaderPolicy.overrides(call)
        let replaced = Set(overrides.map(\.name))
        var headers = record.headers.filter { !replaced.contains($0.name) } + overrides
        if !headers.contains(where: { $0.name == "content-type" }) {
            headers.append(Header("content-type", "binary/octet-stream"))
        }
        return headers
    }
}

extension Refusal {
    /// There is no such object.
    static func noSuchKey(_ key: ObjectKey) -> Refusal {
        Refusal(
            .noSuchKey,
            "The specified key does not exist.",
            details: [Header("Key", "\(key)")]
        )
    }

    /// A header's condition does not hold.
    static func failedCondition(_ header: String) -> Refusal {
        Refusal(
            .preconditionFailed,
            "At least one of the pre-conditions you specified did not hold.",
            details: [Header("Condition", header)]
        )
    }

    fileprivate static func noSuchRange(_ asked: String, size: Int64) -> Refusal {
        Refusal(
            .invalidRange,
            "The requested range is not satisfiable",
            details: [
                Header("RangeRequested", asked), Header("ActualObjectSize", "\(size)"),
            ],
            headers: [Header("content-range", "bytes */\(size)")]
        )
    }

    /// The method means nothing here.
    static func methodNotAllowed(_ method: String) -> Refusal {
        Refusal(
            .methodNotAllowed,
            "The specified method is not allowed against this resource.",
            details: [Header("Method", method)],
            headers: [Header("allow", "GET, HEAD, PUT, DELETE")]
        )
    }
}
